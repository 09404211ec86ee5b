//! Settling one height of one chain: from an owner's block to a final one.
//!
//! It carries out what the [`Planner`] decides (R28 to R30), counts the votes in the answers, and writes a proposal down
//! before it is sent. It ends with a final block, which need not be the owner's own: another device's block that may have
//! become final is finished first. It does not execute, store, sign or repair; it asks for that.

mod answer;
mod event;

pub use event::{Effect, Ending, Event, GaveUp, Own};

use crate::{Setting, Statement};
use event::Offer;
use myceline_consensus::{Entry, Exchange, Move, Opening, Planner};
use myceline_types::{
    Blob, Block, BlockHash, Body, Certificate, Owner, OwnerSignature, Proposal, Refusal, Round, SignedVote, TimeDelta,
    TimeoutRequest, Timestamp,
    api::{CertificateRequest, LeaveRoundRequest, ProposeRequest, Request},
    vote::LastLeaf,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Bodies from strangers that are executed to learn what they are; a liar could send any number.
const EXAMINED_MAX: u32 = 256;
/// Leaving a round is asked for again after this part of the round's duration, where a body is missing.
const RETRY_PART: u64 = 4;

/// One height on its way to a final block.
#[derive(Debug)]
pub struct Settlement {
    me: Owner,
    planner: Planner,
    own: Option<BlockHash>,
    /// What the own block publishes.
    blobs: Vec<Blob>,
    /// Makes the block before it final, for validators that do not know yet.
    parent: Option<Certificate>,
    /// Blocks that were executed here, by their names.
    bodies: BTreeMap<BlockHash, Body>,
    examined: u32,
    /// What was signed last. Signed once, it is sent again as it is.
    proposed: Option<Arc<Proposal>>,
    doing: Doing,
    /// What should be proposed as soon as its body is known.
    lacking: Option<Lacking>,
    exchange: u32,
    answers: BTreeMap<u8, Standing>,
    last_leaf: LastLeaf,
    deadline: Timestamp,
    ended: bool,
}

/// What the session waits for besides answers.
#[derive(Debug)]
enum Doing {
    Nothing,
    Signing(Box<Intent>),
    Writing,
}

/// What is sent once it is signed.
#[derive(Debug)]
enum Intent {
    Propose(Offer),
    LeaveRound { round: Round, ahead: Option<Request>, left: Vec<SignedVote> },
}

/// A block that should be proposed and whose body nobody has shown yet.
#[derive(Debug)]
struct Lacking {
    offer: Offer,
    ask_again: Timestamp,
}

/// How a validator stands to the current exchange.
#[derive(Debug)]
enum Standing {
    /// It answered with something to go on with.
    Helps,
    /// It says that this cannot be.
    Objects(Box<Refusal>),
    /// It did not answer.
    Silent,
}

impl Settlement {
    /// Begins with what `me` wants to make at this height, if anything, and whom nobody needs to wait for. The session gives
    /// up at `deadline`, if not for another reason before.
    pub fn new(
        setting: &Setting<'_>,
        me: Owner,
        own: Option<Own>,
        silent: &BTreeSet<u8>,
        deadline: Timestamp,
    ) -> Settlement {
        // R20: what somebody else began may be finished, and is no block of one's own.
        let authored = own.as_ref().filter(|own| own.body.proposed.author == Some(me)).map(|own| own.executed);
        let mut planner = Planner::new(&setting.terms, setting.now, me, authored);
        silent.iter().for_each(|validator| planner.see_silence(*validator));
        let mut settlement = Settlement {
            me,
            planner,
            own: authored.map(|executed| executed.block),
            blobs: Vec::new(),
            parent: None,
            bodies: BTreeMap::new(),
            examined: 0,
            proposed: None,
            doing: Doing::Nothing,
            lacking: None,
            exchange: 0,
            answers: BTreeMap::new(),
            last_leaf: LastLeaf::default(),
            deadline,
            ended: false,
        };
        if let Some(Own { executed, body, blobs, proposal }) = own {
            settlement.planner.see_header(executed);
            settlement.bodies.insert(executed.block, body);
            settlement.blobs = blobs;
            settlement.see_justification(setting, proposal.as_ref());
            settlement.proposed = proposal.map(Arc::new);
        }
        settlement
    }

    /// Sends this with the first proposal, for validators that do not know yet that the block before it is final.
    pub fn with_parent(mut self, parent: Option<Certificate>) -> Settlement {
        self.parent = parent;
        self
    }

    /// Steps the session. What must be done next is pushed on `out`; after [`Effect::End`] nothing more is.
    pub fn step(&mut self, setting: &Setting<'_>, event: Event, out: &mut Vec<Effect>) {
        if self.ended {
            return;
        }
        match event {
            Event::Begin | Event::Tick => (),
            Event::Signed(signature) => self.signed(setting, signature, out),
            Event::NotSigned => return self.end(Ending::GaveUp(GaveUp::NotSigned), out),
            Event::Written => self.written(out),
            Event::Examined(block) => self.see_block(&block),
            Event::Answer { exchange, validator, response } => {
                self.hear(setting, exchange, validator, response, out);
            }
            Event::Silence { exchange, validator } => {
                self.planner.see_silence(validator);
                self.note(exchange, validator, Standing::Silent);
            }
        }
        self.advance(setting, out);
    }

    /// Does what the planner says, as far as that is possible now.
    fn advance(&mut self, setting: &Setting<'_>, out: &mut Vec<Effect>) {
        if !matches!(self.doing, Doing::Nothing) {
            return;
        }
        if self.lacking.is_some() {
            return self.advance_lacking(setting, out);
        }
        let next = self.planner.next_move(&setting.terms, setting.now, self.exchange_for_planner(setting));
        self.make(setting, next, out);
    }

    /// What the planner is told of the exchange: it is over as well where a quorum has answered and nobody is missing but those
    /// who were silent lately. Only what cannot be done without their answers waits for them.
    fn exchange_for_planner(&self, setting: &Setting<'_>) -> Exchange {
        let committee = setting.terms.committee;
        let is_awaited = |member: &u8| !self.answers.contains_key(member) && !self.planner.is_silent(*member);
        let mut members = (0..=u8::MAX).take(committee.validators().len());
        if self.weight_helping(setting) >= committee.quorum() && !members.any(|member| is_awaited(&member)) {
            return Exchange::Over;
        }
        self.exchange_state(setting)
    }

    /// Makes a move. One that begins something only makes sense while a quorum can still be had.
    fn make(&mut self, setting: &Setting<'_>, next: Move, out: &mut Vec<Effect>) {
        match (next, self.why_hopeless(setting)) {
            (Move::Complete(certificate), _) => self.complete(certificate, out),
            (Move::SendForConfirm(certificate), _) => {
                self.ask(None, certificate_request(certificate), out);
            }
            (_, Some(why)) => self.end(Ending::GaveUp(why), out),
            (Move::Propose { round, block, justification }, None) => {
                self.propose(setting, Offer { round, block, justification }, out);
            }
            (Move::AskTimeout { round, entry, left }, None) => {
                let ahead = self.shown(setting, round, entry.map(|entry| *entry));
                self.sign(setting, Intent::LeaveRound { round, ahead, left }, out);
            }
            (Move::Await, None) => out.push(Effect::Wake(self.deadline)),
            (Move::Wait { until }, None) => out.push(Effect::Wake(until.min(self.deadline))),
            (Move::Done, None) => self.end(Ending::Nothing, out),
        }
    }

    fn propose(&mut self, setting: &Setting<'_>, offer: Offer, out: &mut Vec<Effect>) {
        if !self.has_body(offer.block) {
            // Whoever leaves the round shows the block that it reports (R27), body included.
            let round = offer.round;
            let retry = TimeDelta(setting.terms.duration(round).0 / RETRY_PART);
            self.lacking = Some(Lacking { offer, ask_again: setting.now.after(retry) });
            let ahead = self.shown(setting, round, self.entry(round));
            return self.sign(setting, Intent::LeaveRound { round, ahead, left: Vec::new() }, out);
        }
        let is_signed = self.proposed.as_ref().is_some_and(|p| p.round == offer.round && p.block == offer.block);
        match self.proposed.take_if(|_| is_signed) {
            Some(proposal) => {
                let proposal = Arc::unwrap_or_clone(proposal);
                self.write(Proposal { justification: offer.justification, ..proposal }, out);
            }
            None => self.sign(setting, Intent::Propose(offer), out),
        }
    }

    /// Goes on without the planner's proposal until its body is known, its round is over or the height is decided.
    fn advance_lacking(&mut self, setting: &Setting<'_>, out: &mut Vec<Effect>) {
        let Some(Lacking { offer, ask_again }) = self.lacking.take() else { return };
        if self.planner.round() > offer.round {
            return self.advance(setting, out);
        }
        if self.has_body(offer.block) {
            return self.propose(setting, offer, out);
        }
        match self.planner.next_move(&setting.terms, setting.now, Exchange::Open) {
            Move::Await => self.ask_for_body(setting, offer, ask_again, out),
            next => self.make(setting, next, out),
        }
    }

    fn ask_for_body(&mut self, setting: &Setting<'_>, offer: Offer, ask_again: Timestamp, out: &mut Vec<Effect>) {
        if let Some(why) = self.why_hopeless(setting) {
            return self.end(Ending::GaveUp(why), out);
        }
        // While answers are still to come, nothing but them and the end of all patience matters.
        let until = if self.exchange_state(setting) == Exchange::Open { self.deadline } else { ask_again };
        if setting.now < until {
            out.push(Effect::Wake(until.min(self.deadline)));
            self.lacking = Some(Lacking { offer, ask_again });
        } else {
            self.propose(setting, offer, out);
        }
    }

    /// What opened a round, as far as certificates did (R19).
    fn entry(&self, round: Round) -> Option<Entry> {
        let left = self.planner.newest_timeout().filter(|timeout| timeout.round.next() == Some(round));
        let validated = self.planner.highest().filter(|certificate| certificate.round == round);
        left.cloned().map(Entry::Timeout).or_else(|| validated.cloned().map(Entry::Certificate))
    }

    /// The request that takes validators which lag into a round. What the owner's own proposal opened, that opens again.
    fn shown(&self, setting: &Setting<'_>, round: Round, entry: Option<Entry>) -> Option<Request> {
        match entry {
            Some(Entry::Timeout(timeout)) => Some(Request::TimeoutCertificate(Box::new(timeout))),
            Some(Entry::Certificate(certificate)) => Some(certificate_request(certificate)),
            Some(Entry::Proposal(opening)) => {
                let Opening { block, justification, proposer, signature } = opening;
                let body = self.bodies.get(&block)?.clone();
                Some(propose_request(Proposal { body, block, round, justification, proposer, signature }))
            }
            None if round == setting.terms.first_round() => None,
            None => {
                let own = self.proposed.as_ref().filter(|proposal| proposal.round == round)?;
                Some(propose_request(Proposal::clone(own)))
            }
        }
    }

    /// Has the owner sign what is then sent.
    fn sign(&mut self, setting: &Setting<'_>, intent: Intent, out: &mut Vec<Effect>) {
        let slot = setting.terms.slot;
        out.push(Effect::Sign(match &intent {
            Intent::Propose(Offer { round, block, .. }) => Statement::Proposal { slot, round: *round, block: *block },
            Intent::LeaveRound { round, .. } => Statement::LeaveRound { slot, round: *round },
        }));
        self.doing = Doing::Signing(Box::new(intent));
    }

    fn signed(&mut self, setting: &Setting<'_>, signature: OwnerSignature, out: &mut Vec<Effect>) {
        let intent = match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Signing(intent) => *intent,
            other => return self.doing = other,
        };
        match intent {
            Intent::Propose(Offer { round, block, justification }) => {
                let body = self.take_body(block).expect("a proposal is signed when its body is known");
                let proposal = Proposal { body, block, round, justification, proposer: self.me, signature };
                self.write(proposal, out);
            }
            Intent::LeaveRound { round, ahead, left } => {
                let request = TimeoutRequest { slot: setting.terms.slot, round, requester: self.me, signature };
                let request = LeaveRoundRequest { request, votes: left };
                // Whoever does not know yet that the block before is final is at another height.
                let ahead = ahead.or_else(|| self.parent.take().map(certificate_request));
                self.ask(ahead, Request::LeaveRound(Box::new(request)), out);
            }
        }
    }

    /// A proposal is written down before anybody sees it: after a crash the same bytes are sent again.
    fn write(&mut self, proposal: Proposal, out: &mut Vec<Effect>) {
        let proposal = Arc::new(proposal);
        out.push(Effect::Write(proposal.clone()));
        if let Some(before) = self.proposed.replace(proposal) {
            self.bodies.insert(before.block, before.body.clone());
        }
        self.doing = Doing::Writing;
    }

    fn written(&mut self, out: &mut Vec<Effect>) {
        let (Doing::Writing, Some(proposal)) = (&self.doing, &self.proposed) else { return };
        let blobs = if Some(proposal.block) == self.own { self.blobs.clone() } else { Vec::new() };
        let proposal = Proposal::clone(proposal);
        self.doing = Doing::Nothing;
        let request = ProposeRequest { proposal, parent: self.parent.take(), blobs, origins: Vec::new() };
        self.ask(None, Request::Propose(Box::new(request)), out);
    }

    /// Begins an exchange: one request to every member.
    fn ask(&mut self, ahead: Option<Request>, request: Request, out: &mut Vec<Effect>) {
        self.exchange += 1;
        self.answers.clear();
        out.push(Effect::Ask { exchange: self.exchange, ahead, request });
    }

    fn exchange_state(&self, setting: &Setting<'_>) -> Exchange {
        let everybody = setting.terms.committee.validators().len();
        if self.exchange > 0 && self.answers.len() < everybody { Exchange::Open } else { Exchange::Over }
    }

    /// Why no quorum can come of going on: too many are silent or object, or time is up.
    fn why_hopeless(&self, setting: &Setting<'_>) -> Option<GaveUp> {
        if setting.now >= self.deadline {
            return Some(GaveUp::OutOfTime);
        }
        if self.exchange == 0 || self.exchange_state(setting) == Exchange::Open {
            return None;
        }
        let committee = setting.terms.committee;
        let (answered, needed) = (self.weight_helping(setting), committee.quorum());
        if answered >= needed {
            return None;
        }
        // Of more than the faulty weight one is honest: what it objects to is so.
        let objecting = self.weigh(setting, |standing| matches!(standing, Standing::Objects(_)));
        let objection = self.answers.values().find_map(|standing| match standing {
            Standing::Objects(refusal) => Some(refusal.clone()),
            Standing::Helps | Standing::Silent => None,
        });
        match objection.filter(|_| objecting > committee.faulty()) {
            Some(refusal) => Some(GaveUp::Rejected(refusal)),
            None => Some(GaveUp::NoQuorum { answered, needed }),
        }
    }

    fn weight_helping(&self, setting: &Setting<'_>) -> u64 {
        self.weigh(setting, |standing| matches!(standing, Standing::Helps))
    }

    /// What those weigh who stand to the current exchange as is meant.
    fn weigh(&self, setting: &Setting<'_>, is_meant: impl Fn(&Standing) -> bool) -> u64 {
        let meant = self.answers.iter().filter(|(_, standing)| is_meant(standing));
        meant.map(|(member, _)| setting.terms.committee.weight(*member)).sum()
    }

    fn complete(&mut self, certificate: Certificate, out: &mut Vec<Effect>) {
        let is_own = Some(certificate.block) == self.own;
        let body = if is_own { None } else { self.take_body(certificate.block) };
        self.end(Ending::Final { certificate, is_own, body: body.map(Box::new) }, out);
    }

    fn end(&mut self, ending: Ending, out: &mut Vec<Effect>) {
        self.ended = true;
        out.push(Effect::End(ending));
    }

    fn note(&mut self, exchange: u32, validator: u8, standing: Standing) {
        if exchange == self.exchange {
            self.answers.insert(validator, standing);
        }
    }

    fn has_body(&self, block: BlockHash) -> bool {
        self.bodies.contains_key(&block) || self.proposed.as_ref().is_some_and(|proposal| proposal.block == block)
    }

    /// The body of a block, for a proposal, which keeps it from then on.
    fn take_body(&mut self, block: BlockHash) -> Option<Body> {
        let proposed = self.proposed.iter().find(|proposal| proposal.block == block);
        self.bodies.remove(&block).or_else(|| proposed.map(|proposal| proposal.body.clone()))
    }

    /// A block was executed here: its name is certain, and whether it can be final by the fast quorum.
    fn see_block(&mut self, block: &Block) {
        let header = block.header();
        self.planner.see_header(&header);
        self.bodies.entry(header.hash()).or_insert_with(|| block.body());
    }
}

fn certificate_request(certificate: Certificate) -> Request {
    Request::Certificate(Box::new(CertificateRequest { certificate, block: None, blobs: Vec::new() }))
}

fn propose_request(proposal: Proposal) -> Request {
    let request = ProposeRequest { proposal, parent: None, blobs: Vec::new(), origins: Vec::new() };
    Request::Propose(Box::new(request))
}
