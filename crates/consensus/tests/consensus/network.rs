//! An owner's client against real machines: the planner's moves are carried out, one exchange at a time, and what the
//! refusals show is shown to the planner. Validators that are not listed are silent.

use crate::kit::*;
use myceline_consensus::{Entry, Exchange, Executed, Machine, Manner, Move, Opening, Planner, Reason, Verdict};
use myceline_types::{
    Ballot, BlockHash, Certificate, Checked, Header, Justification, Mutation, Proposal, Report, Round, SignedVote,
    TimeoutCertificate, Timestamp, Vote,
};

/// More exchanges than any story needs: a client that has not finished by then never will.
const EXCHANGES_MAX: u32 = 12;

/// Honest validators that answer, by their place in the committee.
pub struct Network<'a> {
    pub world: &'a World,
    pub machines: Vec<(u8, Machine)>,
    pub now: Timestamp,
}

/// How it ended for a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ending {
    /// Requests that were sent to all and answered.
    pub exchanges: u32,
    /// The block that is final; `None` where the client gave up.
    pub block: Option<BlockHash>,
}

impl<'a> Network<'a> {
    /// Validators that have seen nothing.
    pub fn new(world: &'a World, answering: &[u8]) -> Network<'a> {
        let machine = |signer: &u8| (*signer, Machine::new(&world.terms()));
        Network { world, machines: answering.iter().map(machine).collect(), now: NOW }
    }

    /// A client of Ann that wants to make a block.
    pub fn client(&self, own: Option<&Header>) -> Planner {
        Planner::new(&self.world.terms(), self.now, ANN, own.map(Executed::from))
    }

    /// Carries out a client's moves until it is done.
    pub fn run(&mut self, client: &mut Planner) -> Ending {
        let mut exchanges = 0;
        while exchanges <= EXCHANGES_MAX {
            match client.next_move(&self.world.terms(), self.now, Exchange::Over) {
                Move::Complete(certificate) => return Ending { exchanges, block: Some(certificate.block) },
                Move::Done => return Ending { exchanges, block: None },
                Move::Wait { until } => self.now = until,
                Move::Await => panic!("all answers have come"),
                request => {
                    exchanges += 1;
                    self.exchange(client, &request);
                }
            }
        }
        Ending { exchanges, block: None }
    }

    /// The client asks everybody for what they would show in a refusal: one exchange.
    pub fn ask(&self, client: &mut Planner) {
        let shows_lock = !self.world.committee.drops(Mutation::LockNotShown);
        self.world.everybody().into_iter().for_each(|signer| client.see_silence(signer));
        for (signer, machine) in &self.machines {
            client.see_answer(*signer);
            let votes =
                machine.ballots().iter().map(|ballot| Vote { slot: slot(), round: machine.round(), ballot: *ballot });
            votes.for_each(|vote| client.see_vote(&self.world.vote(*signer, vote)));
            machine
                .highest()
                .into_iter()
                .filter(|_| shows_lock)
                .for_each(|highest| self.show_certificate(client, highest));
            machine.newest_timeout().into_iter().for_each(|timeout| self.show_timeout(client, timeout));
            machine.entry().into_iter().for_each(|entry| self.show_entry(client, machine.round(), entry));
        }
    }

    /// One request to all, and what they answer.
    pub fn exchange(&mut self, client: &mut Planner, request: &Move) {
        self.world.everybody().into_iter().for_each(|signer| client.see_silence(signer));
        for index in 0..self.machines.len() {
            let verdict = self.deliver(index, request);
            client.see_answer(self.machines[index].0);
            self.answer(client, index, verdict);
        }
    }

    /// One request to one.
    pub fn deliver(&mut self, index: usize, request: &Move) -> Verdict {
        let (terms, now, world) = (self.world.terms(), self.now, self.world);
        let machine = &mut self.machines[index].1;
        match request {
            Move::SendForConfirm(certificate) => {
                machine.on_certificate(&terms, now, &world.check_certificate(certificate.clone()))
            }
            Move::AskTimeout { round, entry, left } => {
                entry.iter().for_each(|entry| follow(machine, world, now, *round, entry));
                let left: Vec<Checked<SignedVote>> =
                    left.iter().map(|signed| world.vote(signed.signer, signed.vote)).collect();
                machine.on_timeout_request(&terms, now, &world.request(round.0, ANN), &left)
            }
            Move::Propose { round, block, justification } => {
                let proposal = world.proposal_by(ANN, ANN, round.0, *block, justification.clone());
                propose(machine, world, now, &proposal)
            }
            _ => panic!("nothing to send: {request:?}"),
        }
    }

    /// R27. What an answer shows to the client.
    fn answer(&self, client: &mut Planner, index: usize, verdict: Verdict) {
        let (signer, machine) = &self.machines[index];
        match verdict {
            Verdict::Sign(vote) | Verdict::Already(vote) => self.show_vote(client, *signer, machine, vote),
            Verdict::Refused(Reason::Voted(vote) | Reason::Closed(vote)) => {
                self.show_vote(client, *signer, machine, vote);
            }
            Verdict::Refused(Reason::Final(certificate) | Reason::Locked(certificate)) => {
                self.show_certificate(client, &certificate);
            }
            Verdict::Refused(Reason::Round(round, entry)) => {
                entry.into_iter().for_each(|entry| self.show_entry(client, round, *entry));
            }
            Verdict::Refused(_) | Verdict::Noted | Verdict::Execute(_) => (),
        }
    }

    /// A timeout vote comes with the certificate that it reports.
    fn show_vote(&self, client: &mut Planner, signer: u8, machine: &Machine, vote: Vote) {
        client.see_vote(&self.world.vote(signer, vote));
        if let (Ballot::Timeout(Report::Certificate(..)), Some(highest)) = (vote.ballot, machine.highest()) {
            self.show_certificate(client, highest);
        }
    }

    fn show_entry(&self, client: &mut Planner, round: Round, entry: Entry) {
        match entry {
            Entry::Timeout(timeout) => self.show_timeout(client, &timeout),
            Entry::Certificate(certificate) => self.show_certificate(client, &certificate),
            Entry::Proposal(opening) => {
                let opening =
                    self.world.proposal_by(ANN, opening.proposer, round.0, opening.block, opening.justification);
                client.see_opening(&self.world.terms(), self.now, &opening);
            }
        }
    }

    fn show_certificate(&self, client: &mut Planner, certificate: &Certificate) {
        client.see_certificate(&self.world.terms(), self.now, &self.world.check_certificate(certificate.clone()));
    }

    fn show_timeout(&self, client: &mut Planner, timeout: &TimeoutCertificate) {
        client.see_timeout(&self.world.terms(), self.now, &self.world.check_timeout(timeout.clone()));
    }
}

/// A validator that lags follows what opened a round (R19).
fn follow(machine: &mut Machine, world: &World, now: Timestamp, round: Round, entry: &Entry) {
    match entry.clone() {
        Entry::Timeout(timeout) => machine.on_timeout_certificate(&world.terms(), now, &world.check_timeout(timeout)),
        Entry::Certificate(validated) => {
            machine.on_certificate(&world.terms(), now, &world.check_certificate(validated))
        }
        Entry::Proposal(opening) => {
            let Opening { block, justification, proposer, .. } = opening;
            machine.on_proposal(&world.terms(), now, &world.proposal_by(ANN, proposer, round.0, block, justification))
        }
    };
}

/// A proposal with the execution that it asks for. Asked again in a later round, an oracle gives another answer.
pub fn propose(machine: &mut Machine, world: &World, now: Timestamp, proposal: &Checked<Proposal>) -> Verdict {
    match machine.on_proposal(&world.terms(), now, proposal) {
        Verdict::Execute(manner) => {
            let executed = execute(manner, proposal);
            machine.on_executed(&world.terms(), now, proposal, executed)
        }
        verdict => verdict,
    }
}

fn execute(manner: Manner, proposal: &Proposal) -> Executed {
    let oracle_free = is_oracle_free(proposal.block);
    let block = if !oracle_free && manner == Manner::Imposed { block(0) } else { proposal.block };
    Executed { block, oracle_free }
}

/// A proposal of the other device: block 2 in round 0.
pub fn other_device(network: &mut Network<'_>, index: usize) {
    let request = Move::Propose { round: Round(0), block: block(2), justification: None::<Justification> };
    network.deliver(index, &request);
}
