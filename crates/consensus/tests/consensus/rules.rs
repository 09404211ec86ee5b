//! One test for each rule that a validator follows. A story holds one validator of four; answers are compared as text.

mod certificates;
mod proposals;
mod rounds;
mod terms;
mod votes;

use crate::kit::*;
use myceline_consensus::{Executed, Machine, Manner, Reason, Verdict};
use myceline_types::{
    Ballot, Certificate, Checked, Owner, Proposal, Report, SignedVote, TimeDelta, TimeoutCertificate, Timestamp, Vote,
    encoding,
};

/// One validator at one height, restarted before every event with what is durable.
struct Story {
    world: World,
    machine: Machine,
    now: Timestamp,
}

impl Story {
    fn new(pattern: &str) -> Story {
        Story::of(World::four(pattern))
    }

    fn of(world: World) -> Story {
        let machine = Machine::new(&world.terms());
        Story { world, machine, now: NOW }
    }

    /// A proposal arrives, and the answer of an execution that agrees follows at once.
    fn propose(&mut self, proposal: &Checked<Proposal>) -> String {
        let verdict = self.ask(proposal);
        if !matches!(verdict.as_str(), "execute" | "execute imposed") {
            return verdict;
        }
        self.execute(proposal, Executed { block: proposal.block, oracle_free: is_oracle_free(proposal.block) })
    }

    fn ask(&mut self, proposal: &Checked<Proposal>) -> String {
        self.step(|machine, world, now| machine.on_proposal(&world.terms(), now, proposal))
    }

    fn execute(&mut self, proposal: &Checked<Proposal>, executed: Executed) -> String {
        self.step(|machine, world, now| machine.on_executed(&world.terms(), now, proposal, executed))
    }

    fn certificate(&mut self, certificate: &Checked<Certificate>) -> String {
        self.step(|machine, world, now| machine.on_certificate(&world.terms(), now, certificate))
    }

    fn left(&mut self, timeout: &Checked<TimeoutCertificate>) -> String {
        self.step(|machine, world, now| machine.on_timeout_certificate(&world.terms(), now, timeout))
    }

    /// Somebody asks to leave a round, showing the votes of others.
    fn leave(&mut self, round: u32, requester: Owner, votes: &[Checked<SignedVote>]) -> String {
        let request = self.world.request(round, requester);
        self.step(|machine, world, now| machine.on_timeout_request(&world.terms(), now, &request, votes))
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.after(TimeDelta::from_millis(millis));
    }

    fn step(&mut self, event: impl FnOnce(&mut Machine, &World, Timestamp) -> Verdict) -> String {
        self.machine = encoding::from_bytes(&encoding::to_bytes(&self.machine)).unwrap();
        tell(&event(&mut self.machine, &self.world, self.now))
    }
}

fn tell(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Sign(vote) => format!("sign {}", tell_vote(vote)),
        Verdict::Already(vote) => format!("already {}", tell_vote(vote)),
        Verdict::Execute(Manner::New) => "execute".into(),
        Verdict::Execute(Manner::Imposed) => "execute imposed".into(),
        Verdict::Noted => "noted".into(),
        Verdict::Refused(reason) => format!("refused: {}", tell_reason(reason)),
    }
}

fn tell_vote(vote: &Vote) -> String {
    let round = vote.round;
    match vote.ballot {
        Ballot::Validate(block) => format!("validate({round}, {})", number(block)),
        Ballot::Confirm(block) => format!("confirm({round}, {})", number(block)),
        Ballot::Timeout(Report::Nothing) => format!("timeout({round})"),
        Ballot::Timeout(Report::Fast(block)) => format!("timeout({round}, fast {})", number(block)),
        Ballot::Timeout(Report::Certificate(of, block)) => format!("timeout({round}, ({of}, {}))", number(block)),
    }
}

fn tell_reason(reason: &Reason) -> String {
    let certificate = |certificate: &Certificate| format!("({}, {})", certificate.round, number(certificate.block));
    match reason {
        Reason::Slot(_) => "slot".into(),
        Reason::Final(decided) => format!("final {}", certificate(decided)),
        Reason::Round(round, entry) => format!("round {round} by {}", tell_entry(entry.as_deref())),
        Reason::Voted(vote) => format!("voted {}", tell_vote(vote)),
        Reason::Locked(highest) => format!("locked {}", certificate(highest)),
        Reason::Closed(vote) => format!("closed {}", tell_vote(vote)),
        Reason::Unjustified(round) => format!("unjustified in {round}"),
        Reason::NotProposer(round) => format!("not proposer in {round}"),
        Reason::Author => "author".into(),
        Reason::TooEarly(until) => format!("too early, {} left", until.since(NOW)),
        Reason::Mismatch(block) => format!("gives {}", number(*block)),
    }
}

fn tell_entry(entry: Option<&myceline_consensus::Entry>) -> String {
    use myceline_consensus::Entry;
    match entry {
        None => "nothing".into(),
        Some(Entry::Timeout(timeout)) => format!("T({})", timeout.round),
        Some(Entry::Certificate(certificate)) => {
            format!("certificate ({}, {})", certificate.round, number(certificate.block))
        }
        Some(Entry::Proposal(opening)) => format!("proposal of {}", number(opening.block)),
    }
}
