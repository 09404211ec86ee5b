//! R28 to R30 where only the client matters: what it does next with what it knows.

use crate::kit::*;
use myceline_consensus::{Exchange, Executed, Move, Planner, Tally, fast_grace};
use myceline_types::{Ballot, CertificateKind, Justification, Report, Round, TimeDelta, Timestamp};

/// A client of Ann that wants to make block 1.
struct Client {
    world: World,
    planner: Planner,
    now: Timestamp,
}

impl Client {
    fn new(world: World) -> Client {
        let planner = Planner::new(&world.terms(), NOW, ANN, Some(Executed::from(&header(1))));
        Client { world, planner, now: NOW }
    }

    fn next(&mut self, exchange: Exchange) -> String {
        let next = self.planner.next_move(&self.world.terms(), self.now, exchange);
        match next {
            Move::Complete(certificate) => format!("complete {}", number(certificate.block)),
            Move::SendForConfirm(certificate) => {
                format!("confirm ({}, {})", certificate.round, number(certificate.block))
            }
            Move::Propose { round, block, justification } => {
                let why = match justification {
                    None => String::new(),
                    Some(Justification::Certificate(certificate)) => {
                        format!(" by certificate of {}", certificate.round)
                    }
                    Some(Justification::Timeout(timeout)) => format!(" by T({})", timeout.round),
                };
                format!("propose {} in {round}{why}", number(block))
            }
            Move::AskTimeout { round, left, .. } => format!("leave {round} with {}", left.len()),
            Move::Await => "await".into(),
            Move::Wait { until } => format!("wait {}", until.since(self.now)),
            Move::Done => "done".into(),
        }
    }

    fn vote(&mut self, signer: u8, round: u32, ballot: Ballot) {
        self.planner.see_vote(&self.world.ballot(signer, round, ballot));
    }

    fn later(&mut self, micros: u64) {
        self.now = self.now.after(TimeDelta(micros));
    }
}

fn six() -> World {
    World { committee: committee(&[1; 6], 1, 1), ..World::four("FMM") }
}

#[test]
fn r30_late_votes_get_half_the_time_that_the_quorum_took() {
    assert_eq!(fast_grace(TimeDelta(800)), TimeDelta(400));
    assert_eq!(fast_grace(TimeDelta::from_millis(80)), TimeDelta::from_millis(40));
    assert_eq!(fast_grace(TimeDelta::from_millis(2_000)), TimeDelta::from_millis(250));

    let mut client = Client::new(six());
    assert_eq!(client.next(Exchange::Over), "propose 1 in 0");
    client.later(800);
    (0..4).for_each(|signer| client.vote(signer, 0, Ballot::Validate(block(1))));
    assert_eq!(client.next(Exchange::Open), "wait 400µs");
    client.later(399);
    assert_eq!(client.next(Exchange::Open), "wait 1µs");
    client.later(1);
    assert_eq!(client.next(Exchange::Open), "confirm (0, 1)");
    client.vote(4, 0, Ballot::Validate(block(1)));
    assert_eq!(client.next(Exchange::Open), "complete 1", "a late vote still makes it fast");
}

#[test]
fn r30_no_grace_where_the_fast_quorum_is_out_of_reach() {
    let quorum_without = |prepare: fn(&mut Client)| {
        let mut client = Client::new(six());
        client.next(Exchange::Over);
        client.later(800);
        prepare(&mut client);
        (0..4).for_each(|signer| client.vote(signer, 0, Ballot::Validate(block(1))));
        client.next(Exchange::Open)
    };
    assert_eq!(quorum_without(|client| client.planner.see_silence(5)), "wait 400µs");
    let two_silent = |client: &mut Client| [4, 5].into_iter().for_each(|signer| client.planner.see_silence(signer));
    assert_eq!(quorum_without(two_silent), "confirm (0, 1)");
    let others = |client: &mut Client| {
        [4, 5].into_iter().for_each(|signer| client.vote(signer, 0, Ballot::Validate(block(2))));
    };
    assert_eq!(quorum_without(others), "confirm (0, 1)");
}

#[test]
fn r28_a_fast_final_block_of_somebody_else_needs_its_header() {
    let mut client = Client::new(World::four("FMM"));
    (0..4).for_each(|signer| client.vote(signer, 0, Ballot::Validate(block(2))));
    let mut knowing = Client::new(World::four("FMM"));
    (0..4).for_each(|signer| knowing.vote(signer, 0, Ballot::Validate(block(2))));
    knowing.planner.see_header(&header(2));
    assert_eq!(client.next(Exchange::Over), "confirm (0, 2)");
    assert_eq!(knowing.next(Exchange::Over), "complete 2");
}

#[test]
fn r29_answers_are_awaited_before_anything_else_is_tried() {
    let mut client = Client::new(World::four("FMM"));
    assert_eq!(client.next(Exchange::Over), "propose 1 in 0");
    client.vote(0, 0, Ballot::Validate(block(2)));
    assert_eq!(client.next(Exchange::Open), "await");
    assert_eq!(client.next(Exchange::Over), "leave 0 with 0");
}

#[test]
fn r29_goes_to_the_last_multi_leader_round_after_repeated_contention() {
    let mut client = Client::new(World::four("MMMMMM"));
    let moves: Vec<String> = (0..5).map(|_| client.next(Exchange::Over)).collect();
    let expected = ["propose 1 in 1", "propose 1 in 2", "propose 1 in 3", "propose 1 in 6", "leave 6 with 0"];
    assert_eq!(moves, expected);
}

#[test]
fn r29_proposes_what_is_newest() {
    let mut client = Client::new(World::four("FMMMM"));
    let (older, newer) = (client.world.validated(1, 2), client.world.validated(3, 3));
    let left = client.world.idle_timeout(2);
    let terms = client.world.terms();
    client.planner.see_certificate(&terms, NOW, &older);
    client.planner.see_timeout(&terms, NOW, &left);
    assert_eq!(client.planner.round(), Round(3));
    let mut knowing = Client { world: World::four("FMMMM"), planner: client.planner.clone(), now: NOW };
    assert_eq!(client.next(Exchange::Over), "propose 1 in 3 by T(2)");
    knowing.planner.see_certificate(&knowing.world.terms(), NOW, &newer);
    assert_eq!(knowing.next(Exchange::Over), "confirm (3, 3)");
    assert_eq!(knowing.next(Exchange::Over), "propose 3 in 4 by certificate of 3");
}

#[test]
fn r29_waits_for_the_round_to_end_and_asks_again() {
    let mut client = Client::new(World { ownership: owned_by("F", &[ANN, BOB]), ..World::four("F") });
    assert_eq!(client.next(Exchange::Over), "propose 1 in 0");
    assert_eq!(client.next(Exchange::Over), "wait 1s");
    client.later(1_000_000);
    assert_eq!(client.next(Exchange::Over), "leave 0 with 0");
    assert_eq!(client.next(Exchange::Open), "await");
    assert_eq!(client.next(Exchange::Over), "wait 250ms");
}

#[test]
fn r29_a_round_of_another_leader_is_entered_at_once_so_that_its_time_runs() {
    let mut client = Client::new(World { ownership: owned_by("S", &[ANN, BOB]), ..World::four("S") });
    let terms = client.world.terms();
    let theirs = (2..).map(Round).find(|round| terms.leader(*round) == Some(BOB)).unwrap();
    client.planner.see_timeout(&terms, NOW, &client.world.idle_timeout(theirs.0 - 1));
    let duration = terms.duration(theirs);
    assert_eq!(client.next(Exchange::Over), format!("leave {theirs} with 0"));
    assert_eq!(client.next(Exchange::Over), format!("wait {duration}"));
    client.later(duration.0);
    assert_eq!(client.next(Exchange::Over), format!("leave {theirs} with 0"));
    assert_eq!(client.next(Exchange::Over), format!("wait {}", TimeDelta(duration.0 / 4)));
}

#[test]
fn r16_a_client_shows_who_left_already() {
    let mut client = Client::new(World { ownership: owned_by("F", &[ANN, BOB]), ..World::four("F") });
    client.next(Exchange::Over);
    [2, 3].into_iter().for_each(|signer| client.vote(signer, 0, Ballot::Timeout(Report::Nothing)));
    assert_eq!(client.next(Exchange::Over), "leave 0 with 2");
}

#[test]
fn a_client_without_a_block_finishes_what_others_began_and_nothing_else() {
    let world = World::four("FMM");
    let terms = world.terms();
    let mut idle = Planner::new(&terms, NOW, ANN, None);
    assert_eq!(idle.next_move(&terms, NOW, Exchange::Over), Move::Done);
    let mut helper = Planner::new(&terms, NOW, ANN, None);
    helper.see_timeout(&terms, NOW, &world.timeout(0, &[Report::Fast(block(2)); 4], None));
    let next = helper.next_move(&terms, NOW, Exchange::Over);
    assert!(matches!(next, Move::Propose { round: Round(1), block: imposed, .. } if imposed == block(2)), "{next:?}");
}

#[test]
fn r9_a_report_that_is_not_shown_is_left_out() {
    let world = World::four("FS");
    let mut tally = Tally::new(slot());
    let votes = |tally: &mut Tally, reports: &[(u8, Report)]| {
        reports.iter().for_each(|(signer, report)| tally.add(&world.ballot(*signer, 2, Ballot::Timeout(*report))));
    };
    votes(&mut tally, &[(0, Report::Certificate(Round(1), block(1))), (1, Report::Nothing), (2, Report::Nothing)]);
    assert_eq!(tally.timeout(&world.committee, Round(2), None), None, "two votes are too few");
    let shown = world.validated(1, 1);
    let timeout = tally.timeout(&world.committee, Round(2), Some(&shown)).unwrap();
    assert_eq!((timeout.votes.len(), &timeout.attached), (3, &Some(shown.into_inner())));
    world.check_timeout(timeout);
    votes(&mut tally, &[(3, Report::Nothing)]);
    let timeout = tally.timeout(&world.committee, Round(2), None).unwrap();
    assert_eq!((timeout.votes.len(), &timeout.attached), (3, &None));
    world.check_timeout(timeout);
}

#[test]
fn r7_votes_make_certificates_that_are_valid() {
    let world = World::four("FS");
    let mut tally = Tally::new(slot());
    for signer in [3, 0, 3, 1] {
        assert_eq!(tally.certificates(&world.committee), []);
        tally.add(&world.ballot(signer, 1, Ballot::Confirm(block(1))));
    }
    let certificates = tally.certificates(&world.committee);
    assert_eq!(tally.weight(&world.committee, Round(1), CertificateKind::Confirmed, block(1)), 3);
    assert_eq!(certificates.len(), 1);
    world.check_certificate(certificates[0].clone());
}
