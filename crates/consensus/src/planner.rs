//! The owner's side: from what a client knows of a height to what it does next (R28 to R30).
//!
//! A client shows everything it learns to the planner and asks for a move after each answer. The planner talks to nobody:
//! sessions carry its moves out. What is shown to it has been checked.

mod moves;

use crate::{Entry, Executed, Opening, RoundKind, Tally, Terms, entry::entry, permission::is_fast_final, rules};
use myceline_types::{
    BlockHash, Certificate, CertificateKind, Checked, Justification, Owner, Phase, Position, Proposal, Round,
    SignedVote, TimeDelta, TimeoutCertificate, Timestamp,
};
use std::collections::BTreeSet;

/// Lost multi-leader rounds after which a client goes to the last one at once, and on with timeouts (R29).
const CONTENTION_MAX: u32 = 2;
/// The longest wait for late votes of round 0 (R30): who lets a client wait longer than this is silent.
const GRACE_MAX: TimeDelta = TimeDelta::from_millis(250);
/// A request to leave a round that was refused is repeated after this part of the round's duration.
const RETRY_PART: u64 = 4;

/// What an owner's client knows of one height, and how far it has gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planner {
    me: Owner,
    own: Option<BlockHash>,
    oracle_free: BTreeSet<BlockHash>,
    silent: BTreeSet<u8>,
    round: Round,
    since: Timestamp,
    highest: Option<Certificate>,
    timeout: Option<TimeoutCertificate>,
    decided: Option<Certificate>,
    opening: Option<Opening>,
    tally: Tally,
    sent: Option<Sent>,
    lost_rounds: u32,
    quorum_at: Option<Timestamp>,
}

/// The last request: owners go through the same positions as votes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sent {
    position: Position,
    at: Timestamp,
}

/// Whether answers to the last request are still to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exchange {
    /// Some may come.
    Open,
    /// All have come, or are given up.
    Over,
}

/// What a client does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Move {
    /// The height is final: keep this certificate and show it to whoever lacks it.
    Complete(Certificate),
    /// Ask all validators to confirm.
    SendForConfirm(Certificate),
    /// Propose a block, after writing the proposal down.
    Propose {
        /// In this round.
        round: Round,
        /// The client's own, or one that it must finish first: then its body is fetched if need be.
        block: BlockHash,
        /// Why it may be proposed.
        justification: Option<Justification>,
    },
    /// Ask all validators to leave the round.
    AskTimeout {
        /// The round.
        round: Round,
        /// Sent ahead in the same exchange, because validators that lag are not in the round yet. `None` in the first round,
        /// and in a round that the client's own last proposal opened: then that is sent ahead.
        entry: Option<Box<Entry>>,
        /// The votes of those who left already (R16 (c)).
        left: Vec<SignedVote>,
    },
    /// Answers to the last request are still to come.
    Await,
    /// Nothing can be done before this time, unless something is learnt.
    Wait {
        /// Ask for a move again then.
        until: Timestamp,
    },
    /// There is no block to finish at this height.
    Done,
}

impl Planner {
    /// A client that knows nothing of the height yet. `own` is the block that it wants to make, if it wants to make one.
    pub fn new(terms: &Terms<'_>, now: Timestamp, me: Owner, own: Option<Executed>) -> Planner {
        let mut planner = Planner {
            me,
            own: own.map(|own| own.block),
            oracle_free: BTreeSet::new(),
            silent: BTreeSet::new(),
            round: terms.first_round(),
            since: now,
            highest: None,
            timeout: None,
            decided: None,
            opening: None,
            tally: Tally::new(terms.slot),
            sent: None,
            lost_rounds: 0,
            quorum_at: None,
        };
        own.into_iter().for_each(|own| planner.see_header(own));
        planner
    }

    /// A header is at hand: whether its block can be final by the fast quorum is known from now on (R8).
    pub fn see_header(&mut self, header: impl Into<Executed>) {
        let Executed { block, oracle_free } = header.into();
        if oracle_free {
            self.oracle_free.insert(block);
        }
    }

    /// A validator did not answer lately: its vote is not waited for (R30).
    pub fn see_silence(&mut self, signer: u8) {
        self.silent.insert(signer);
    }

    /// A validator answers again.
    pub fn see_answer(&mut self, signer: u8) {
        self.silent.remove(&signer);
    }

    /// Whether a validator did not answer lately.
    pub fn is_silent(&self, signer: u8) -> bool {
        self.silent.contains(&signer)
    }

    /// A vote was found, in an answer or in a refusal (R28).
    pub fn see_vote(&mut self, vote: &Checked<SignedVote>) {
        self.tally.add(vote);
    }

    /// A certificate was found. One that confirms a block decides the height.
    pub fn see_certificate(&mut self, terms: &Terms<'_>, now: Timestamp, certificate: &Checked<Certificate>) {
        if certificate.slot == terms.slot {
            self.adopt(terms, now, certificate);
        }
    }

    /// A timeout certificate was found.
    pub fn see_timeout(&mut self, terms: &Terms<'_>, now: Timestamp, timeout: &Checked<TimeoutCertificate>) {
        if timeout.slot == terms.slot {
            self.adopt_timeout(terms, now, timeout);
        }
    }

    /// A proposal was found that opened a multi-leader round (R19 (c)). That round is taken, unless by this client itself.
    pub fn see_opening(&mut self, terms: &Terms<'_>, now: Timestamp, opening: &Checked<Proposal>) {
        if opening.slot() != terms.slot {
            return;
        }
        match &opening.justification {
            Some(Justification::Certificate(certificate)) => self.adopt(terms, now, certificate),
            Some(Justification::Timeout(timeout)) => self.adopt_timeout(terms, now, timeout),
            None => (),
        }
        let opens = terms.kind(opening.round) == Some(RoundKind::MultiLeader)
            && terms.may_propose(&opening.proposer, opening.round)
            && rules::is_justified(terms, opening);
        if opens && opening.round > self.round {
            self.enter(now, opening.round);
            self.opening = Some(Opening::of(opening));
            if opening.proposer != self.me || Some(opening.block) != self.own {
                self.note(now, Phase::Validate);
            }
        }
    }

    /// The round that the chain is known to be in.
    pub fn round(&self) -> Round {
        self.round
    }

    /// The highest validated certificate known.
    pub fn highest(&self) -> Option<&Certificate> {
        self.highest.as_ref()
    }

    /// The newest timeout certificate known.
    pub fn newest_timeout(&self) -> Option<&TimeoutCertificate> {
        self.timeout.as_ref()
    }

    /// R29. What to do next. A move that sends something counts as made.
    pub fn next_move(&mut self, terms: &Terms<'_>, now: Timestamp, exchange: Exchange) -> Move {
        self.count(terms, now);
        if let Some(decided) = &self.decided {
            return Move::Complete(decided.clone());
        }
        if let Some(confirmation) = self.confirmation(terms, now, exchange) {
            return confirmation;
        }
        if exchange == Exchange::Open && self.has_tried(self.round) {
            return Move::Await;
        }
        self.next_proposal(terms, now).unwrap_or_else(|| self.leave(terms, now))
    }

    /// R28. Makes certificates of the votes counted, for whatever block, and a timeout certificate if the round was left.
    fn count(&mut self, terms: &Terms<'_>, now: Timestamp) {
        for certificate in self.tally.certificates(terms.committee) {
            self.adopt(terms, now, &certificate);
        }
        if let Some(timeout) = self.tally.timeout(terms.committee, self.round, self.highest.as_ref()) {
            self.adopt_timeout(terms, now, &timeout);
        }
    }

    /// R8, R29 (1). Keeps what decides the height, or else the highest certificate, and goes to its round.
    fn adopt(&mut self, terms: &Terms<'_>, now: Timestamp, certificate: &Certificate) {
        if certificate.kind == CertificateKind::Confirmed || self.is_fast_final(terms, certificate) {
            self.decided.get_or_insert_with(|| certificate.clone());
            return;
        }
        if certificate.round.is_fast() {
            self.quorum_at.get_or_insert(now);
        }
        if self.highest.as_ref().is_none_or(|highest| certificate.round > highest.round) {
            self.highest = Some(certificate.clone());
        }
        if certificate.round > self.round {
            self.enter(now, certificate.round);
        }
    }

    fn is_fast_final(&self, terms: &Terms<'_>, certificate: &Certificate) -> bool {
        is_fast_final(certificate, terms.committee, self.oracle_free.contains(&certificate.block))
    }

    /// R29 (1). Keeps the newest timeout certificate, and goes to the round after it.
    fn adopt_timeout(&mut self, terms: &Terms<'_>, now: Timestamp, timeout: &TimeoutCertificate) {
        if let Some(attached) = &timeout.attached {
            self.adopt(terms, now, attached);
        }
        let Some(next) = timeout.round.next() else { return };
        if self.timeout.as_ref().is_none_or(|newest| timeout.round > newest.round) {
            self.timeout = Some(timeout.clone());
        }
        if next > self.round {
            self.enter(now, next);
        }
    }

    fn enter(&mut self, now: Timestamp, round: Round) {
        self.round = round;
        self.since = now;
        self.opening = None;
    }

    fn entry(&self) -> Option<Entry> {
        entry(self.round, self.timeout.as_ref(), self.highest.as_ref(), self.opening.as_ref())
    }

    /// Remembers a request. The time of a round runs from the first one in it, which brings all validators there (R17).
    fn note(&mut self, now: Timestamp, phase: Phase) {
        if !self.has_tried(self.round) {
            self.since = now;
        }
        self.sent = Some(Sent { position: Position { round: self.round, phase }, at: now });
    }

    fn has_tried(&self, round: Round) -> bool {
        self.sent.is_some_and(|sent| sent.position.round >= round)
    }

    fn has_reached(&self, phase: Phase) -> bool {
        self.sent.is_some_and(|sent| sent.position >= Position { round: self.round, phase })
    }
}

/// R30. How long to wait for late votes of round 0, once a quorum took `took`: at most half of that again, and never longer
/// than a quarter of a second.
pub fn fast_grace(took: TimeDelta) -> TimeDelta {
    TimeDelta(took.0 / 2).min(GRACE_MAX)
}
