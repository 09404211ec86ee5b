//! Properties under any sequence of events: positions only rise, also across restarts, and nothing that was checked makes a
//! machine or a planner panic.

use crate::kit::*;
use myceline_consensus::{Exchange, Executed, KeyAnswer, Machine, Move, Planner, Signed, Verdict, VoteLog};
use myceline_types::{
    Ballot, CertificateKind, Checked, Justification, Owner, Report, SignedVote, TimeDelta, TimeoutCertificate,
    Timestamp, Vote, encoding,
};
use proptest::prelude::*;

/// What may be shown in a proposal: nothing, a certificate or a timeout certificate.
#[derive(Clone, Debug)]
enum Shown {
    Nothing,
    Certificate(CertificateKind, u32, i8),
    Timeout(u32, Vec<Report>, Option<(u32, i8)>),
}

/// Something that happens to a validator, and to a client that sees the same.
#[derive(Clone, Debug)]
enum Event {
    Proposal { proposer: Owner, round: u32, block: i8, shown: Shown, executed: Option<i8> },
    Shown(Shown),
    Leave { requester: Owner, round: u32, left: Vec<(u8, Report)> },
    Vote(u8, u32, Ballot),
    Later(u64),
    Restart,
}

fn rounds_seen() -> impl Strategy<Value = u32> {
    prop_oneof![9 => 0..6u32, 1 => Just(u32::MAX - 1), 1 => Just(u32::MAX)]
}

fn blocks() -> impl Strategy<Value = i8> {
    prop_oneof![Just(1), Just(2), Just(-1)]
}

fn reports() -> impl Strategy<Value = Report> {
    prop_oneof![
        Just(Report::Nothing),
        blocks().prop_map(|number| Report::Fast(block(number))),
        (0..4u32, blocks())
            .prop_map(|(round, number)| Report::Certificate(myceline_types::Round(round), block(number))),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    let kind = prop_oneof![8 => Just(CertificateKind::Validated), 1 => Just(CertificateKind::Confirmed)];
    let attached = proptest::option::of((0..5u32, blocks()));
    prop_oneof![
        Just(Shown::Nothing),
        (kind, rounds_seen(), blocks()).prop_map(|(kind, round, number)| Shown::Certificate(kind, round, number)),
        (rounds_seen(), proptest::collection::vec(reports(), 3..5), attached)
            .prop_map(|(round, reports, attached)| Shown::Timeout(round, reports, attached)),
    ]
}

fn owners() -> impl Strategy<Value = Owner> {
    prop_oneof![4 => Just(ANN), 2 => Just(BOB), 1 => Just(EVE)]
}

fn ballots() -> impl Strategy<Value = Ballot> {
    prop_oneof![
        blocks().prop_map(|number| Ballot::Validate(block(number))),
        blocks().prop_map(|number| Ballot::Confirm(block(number))),
        reports().prop_map(Ballot::Timeout),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let executed = proptest::option::of(blocks());
    let left = proptest::collection::vec((0..4u8, reports()), 0..4);
    prop_oneof![
        8 => (owners(), rounds_seen(), blocks(), shown(), executed).prop_map(|(proposer, round, block, shown, executed)| {
            Event::Proposal { proposer, round, block, shown, executed }
        }),
        4 => shown().prop_map(Event::Shown),
        4 => (owners(), 0..6u32, left).prop_map(|(requester, round, left)| Event::Leave { requester, round, left }),
        4 => (0..4u8, 0..6u32, ballots()).prop_map(|(signer, round, ballot)| Event::Vote(signer, round, ballot)),
        2 => (0..2_000u64).prop_map(Event::Later),
        1 => Just(Event::Restart),
    ]
}

/// A validator with the log of its key, and a client.
struct Party<'a> {
    world: &'a World,
    now: Timestamp,
    machine: Machine,
    log: VoteLog,
    client: Planner,
}

impl Party<'_> {
    fn happen(&mut self, event: &Event) {
        match event {
            Event::Proposal { proposer, round, block, shown, executed } => {
                self.propose(*proposer, *round, *block, shown, *executed);
            }
            Event::Shown(shown) => self.show(shown),
            Event::Leave { requester, round, left } => self.leave(*requester, *round, left),
            Event::Vote(signer, round, ballot) => self.client.see_vote(&self.world.ballot(*signer, *round, *ballot)),
            Event::Later(millis) => self.now = self.now.after(TimeDelta::from_millis(*millis)),
            Event::Restart => self.machine = encoding::from_bytes(&encoding::to_bytes(&self.machine)).unwrap(),
        }
        self.plan();
    }

    fn propose(&mut self, proposer: Owner, round: u32, number: i8, shown: &Shown, executed: Option<i8>) {
        let Ok(justification) = self.justification(shown) else { return };
        let proposal = self.world.proposal_by(proposer, proposer, round, block(number), justification);
        let verdict = self.machine.on_proposal(&self.world.terms(), self.now, &proposal);
        self.keep(&verdict);
        if let Some(number) = executed {
            let executed = Executed { block: block(number), oracle_free: number > 0 };
            let verdict = self.machine.on_executed(&self.world.terms(), self.now, &proposal, executed);
            self.keep(&verdict);
        }
        self.client.see_opening(&self.world.terms(), self.now, &proposal);
    }

    /// What is shown as a justification; an error where the votes make no timeout certificate.
    fn justification(&self, shown: &Shown) -> Result<Option<Justification>, ()> {
        Ok(match shown {
            Shown::Nothing => None,
            Shown::Certificate(kind, round, number) => {
                let everybody = self.world.everybody();
                let made = self.world.certificate(*kind, *round, block(*number), &everybody);
                Some(Justification::Certificate(made.unwrap().into_inner()))
            }
            Shown::Timeout(round, reports, attached) => {
                let timeout = self.timeout(*round, reports, *attached).ok_or(())?;
                Some(Justification::Timeout(timeout.into_inner()))
            }
        })
    }

    fn timeout(
        &self,
        round: u32,
        reports: &[Report],
        attached: Option<(u32, i8)>,
    ) -> Option<Checked<TimeoutCertificate>> {
        let votes: Vec<_> = (0..).zip(reports).map(|(signer, report)| (signer, round, *report)).collect();
        let attached = attached.map(|(round, number)| self.world.validated(round, number).into_inner());
        self.world.timeout_of(round, &votes, attached).ok()
    }

    fn show(&mut self, shown: &Shown) {
        let terms = self.world.terms();
        match self.justification(shown) {
            Ok(Some(Justification::Certificate(certificate))) => {
                let certificate = self.world.check_certificate(certificate);
                let verdict = self.machine.on_certificate(&terms, self.now, &certificate);
                self.keep(&verdict);
                self.client.see_certificate(&terms, self.now, &certificate);
            }
            Ok(Some(Justification::Timeout(timeout))) => {
                let timeout = self.world.check_timeout(timeout);
                let verdict = self.machine.on_timeout_certificate(&terms, self.now, &timeout);
                self.keep(&verdict);
                self.client.see_timeout(&terms, self.now, &timeout);
            }
            Ok(None) | Err(()) => (),
        }
    }

    fn leave(&mut self, requester: Owner, round: u32, left: &[(u8, Report)]) {
        let vote = |(signer, report): &(u8, Report)| self.world.ballot(*signer, round, Ballot::Timeout(*report));
        let votes: Vec<Checked<SignedVote>> = left.iter().map(vote).collect();
        let request = self.world.request(round, requester);
        let verdict = self.machine.on_timeout_request(&self.world.terms(), self.now, &request, &votes);
        self.keep(&verdict);
    }

    /// R12. Every new vote stands after all before; a vote that was given is one that the key has signed.
    fn keep(&mut self, verdict: &Verdict) {
        let signed = |vote: &Vote| Signed { position: vote.position(), leaf: vote.leaf(NETWORK) };
        match verdict {
            Verdict::Sign(vote) => assert!(self.log.record(signed(vote)), "{vote:?} after {:?}", self.log.newest()),
            Verdict::Already(vote) => assert_eq!(self.log.answer(&signed(vote)), KeyAnswer::Resend, "{vote:?}"),
            Verdict::Execute(_) | Verdict::Noted | Verdict::Refused(_) => (),
        }
        let lock_round = self.machine.lock().map(|lock| lock.round);
        assert!(lock_round <= self.machine.highest().map(|highest| highest.round), "R15: a lock has its certificate");
        assert!(self.machine.entry().is_some() || self.machine.round() == self.world.terms().first_round(), "R19");
    }

    fn plan(&mut self) {
        for exchange in [Exchange::Open, Exchange::Over] {
            if let Move::Propose { round, .. } = self.client.next_move(&self.world.terms(), self.now, exchange) {
                assert!(self.world.terms().may_propose(&ANN, round), "R3");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r12_positions_rise_whatever_happens(
        pattern in prop_oneof![Just("FMMS"), Just("FS"), Just("MMMS"), Just("SS")],
        events in proptest::collection::vec(events(), 1..40),
    ) {
        let world = World { ownership: owned_by(pattern, &[ANN, BOB]), ..World::four("F") };
        let terms = world.terms();
        let client = Planner::new(&terms, NOW, ANN, Some(Executed::from(&header(1))));
        let machine = Machine::new(&terms);
        let mut party = Party { world: &world, now: NOW, machine, log: VoteLog::default(), client };
        for event in &events {
            let before = party.machine.round();
            party.happen(event);
            prop_assert!(party.machine.round() >= before, "rounds are never entered again");
        }
    }
}
