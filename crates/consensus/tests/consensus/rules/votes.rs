//! R6, R11 to R18: what a validator signs, and what it keeps.

use super::Story;
use crate::kit::*;
use myceline_consensus::{KeyAnswer, Lock, Machine, finality};
use myceline_types::{Ballot, Report, Round, encoding};

#[test]
fn r6_timeout_reports_the_round_0_vote_in_every_round() {
    let mut story = Story::new("FMS");
    story.propose(&story.world.proposal(0, 1, None));
    assert_eq!(story.leave(0, ANN, &[]), "sign timeout(0, fast 1)");
    for round in 0..4 {
        story.left(&story.world.idle_timeout(round));
        assert_eq!(story.leave(round + 1, ANN, &[]), format!("sign timeout({}, fast 1)", round + 1));
    }
}

#[test]
fn r6_timeout_reports_the_highest_certificate_before_the_round_0_vote() {
    let mut story = Story::new("FMMS");
    story.propose(&story.world.proposal(0, 1, None));
    story.certificate(&story.world.validated(2, 2));
    story.certificate(&story.world.validated(1, 3));
    assert_eq!(story.leave(2, ANN, &[]), "sign timeout(2, (2, 2))");
}

#[test]
fn r5_r6_oracle_blocks_are_not_reported() {
    let mut story = Story::new("FS");
    assert_eq!(story.propose(&story.world.proposal(0, -1, None)), "sign validate(0, -1)");
    assert_eq!(story.leave(0, ANN, &[]), "sign timeout(0)");
}

#[test]
fn r11_fast_path_costs_few_bytes() {
    let mut story = Story::new("FS");
    assert_eq!(encoding::size_of(&story.machine), 12);
    story.propose(&story.world.proposal(0, 1, None));
    assert_eq!(encoding::size_of(&story.machine), 86);
}

#[test]
fn r11_every_block_in_the_state_is_named_so_that_its_body_is_kept() {
    let mut story = Story::new("FMMM");
    story.propose(&story.world.proposal(0, 1, None));
    story.certificate(&story.world.validated(1, 2));
    story.certificate(&story.world.validated(2, 3));
    story.ask(&story.world.proposal(3, 4, by_timeout(story.world.idle_timeout(0))));
    assert_eq!(story.machine.blocks(), [1, 3, 4].map(block).into(), "block 2 was never voted for and is superseded");
    assert_eq!(story.machine.round(), Round(3));
}

#[test]
fn r12_one_validate_in_a_round() {
    let mut story = Story::new("FS");
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "sign validate(0, 1)");
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "already validate(0, 1)");
    assert_eq!(story.propose(&story.world.proposal(0, 2, None)), "refused: voted validate(0, 1)");
}

#[test]
fn r12_no_validate_after_confirm() {
    let mut story = Story::new("FS");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "sign confirm(0, 1)");
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "refused: voted confirm(0, 1)");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "already confirm(0, 1)");
}

#[test]
fn r12_nothing_but_the_same_after_timeout() {
    let mut story = Story::new("FS");
    story.propose(&story.world.proposal(0, 1, None));
    assert_eq!(story.leave(0, ANN, &[]), "sign timeout(0, fast 1)");
    assert!(story.machine.is_closed());
    assert_eq!(story.leave(0, ANN, &[]), "already timeout(0, fast 1)");
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "already validate(0, 1)");
    assert_eq!(story.propose(&story.world.proposal(0, 2, None)), "refused: closed timeout(0, fast 1)");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "refused: closed timeout(0, fast 1)");
}

#[test]
fn r12_a_confirm_comes_back_after_timeout_too() {
    let mut story = Story::new("FS");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "sign confirm(0, 1)");
    assert_eq!(story.leave(0, ANN, &[]), "sign timeout(0, (0, 1))");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "already confirm(0, 1)");
}

#[test]
fn r12_nothing_in_a_round_that_was_left() {
    let mut story = Story::new("FSS");
    story.left(&story.world.idle_timeout(1));
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "refused: round 2 by T(1)");
    assert_eq!(story.certificate(&story.world.validated(1, 1)), "refused: round 2 by T(1)");
    assert_eq!(story.leave(1, ANN, &[]), "refused: round 2 by T(1)");
}

#[test]
fn r12_key_agrees_with_the_machine() {
    let mut story = Story::new("FS");
    let mut log = myceline_consensus::VoteLog::default();
    let signed = |round, ballot| {
        let vote = myceline_types::Vote { slot: slot(), round: Round(round), ballot };
        myceline_consensus::Signed { position: vote.position(), leaf: vote.leaf(NETWORK) }
    };
    story.propose(&story.world.proposal(0, 1, None));
    assert!(log.record(signed(0, Ballot::Validate(block(1)))));
    assert_eq!(log.answer(&signed(0, Ballot::Validate(block(2)))), KeyAnswer::Refuse);
    assert_eq!(log.answer(&signed(0, Ballot::Timeout(Report::Fast(block(1))))), KeyAnswer::Sign);
}

#[test]
fn r13_a_certificate_in_a_refused_message_is_kept() {
    let mut story = Story::new("FMS");
    let unjustified = story.world.proposal(1, 2, by_certificate(story.world.validated(0, 1)));
    assert_eq!(story.propose(&unjustified), "refused: unjustified in 1");
    assert_eq!(story.machine.highest().unwrap().block, block(1));
    assert_eq!(story.leave(0, ANN, &[]), "sign timeout(0, (0, 1))");
    let elsewhere = story.world.proposal(7, 1, by_timeout(story.world.idle_timeout(4)));
    assert_eq!(story.propose(&elsewhere), "refused: round 5 by T(4)");
    let decided = story.world.proposal(5, 1, by_certificate(story.world.confirmed(1, 1)));
    assert_eq!(story.propose(&decided), "refused: final (1, 1)");
}

#[test]
fn r14_rules_are_asked_again_when_execution_returns() {
    let mut story = Story::new("FS");
    let proposal = story.world.proposal(0, 1, None);
    assert_eq!(story.ask(&proposal), "execute");
    story.leave(0, ANN, &[]);
    assert_eq!(story.execute(&proposal, executed(1)), "refused: closed timeout(0)");

    let mut story = Story::new("MM");
    let proposal = story.world.proposal(1, 1, None);
    assert_eq!(story.ask(&proposal), "execute");
    story.certificate(&story.world.validated(1, 2));
    assert_eq!(story.execute(&proposal, executed(1)), "refused: voted confirm(1, 2)");

    let mut story = Story::new("MM");
    let proposal = story.world.proposal(2, 1, None);
    assert_eq!(story.ask(&proposal), "execute");
    story.certificate(&story.world.confirmed(1, 2));
    assert_eq!(story.execute(&proposal, executed(1)), "refused: final (1, 2)");
}

#[test]
fn r14_two_executions_of_one_round_give_one_vote() {
    let mut story = Story::new("MM");
    let (one, two) = (story.world.proposal(1, 1, None), story.world.proposal(1, 2, None));
    assert_eq!(story.ask(&one), "execute");
    assert_eq!(story.ask(&two), "execute");
    assert_eq!(story.execute(&two, executed(2)), "sign validate(1, 2)");
    assert_eq!(story.execute(&one, executed(1)), "refused: voted validate(1, 2)");
}

#[test]
fn r14_a_certified_block_is_not_executed_again() {
    let mut story = Story::new("MMSS");
    assert_eq!(
        story.ask(&story.world.proposal(2, 1, by_certificate(story.world.validated(1, 1)))),
        "sign validate(2, 1)"
    );
    let left = story.world.timeout(2, &[Report::Nothing; 4], Some(story.world.validated(1, 2)));
    assert_eq!(story.ask(&story.world.proposal(3, 2, by_timeout(left))), "sign validate(3, 2)");
    story.certificate(&story.world.validated(3, 2));
    let idle = story.world.idle_timeout(3);
    assert_eq!(story.ask(&story.world.proposal(4, 2, by_timeout(idle))), "sign validate(4, 2)", "its own lock");
}

#[test]
fn r14_an_imposed_block_is_executed_as_a_certified_one() {
    let mut story = Story::new("FS");
    let left = story.world.timeout(0, &[Report::Fast(block(1)); 4], None);
    assert_eq!(story.ask(&story.world.proposal(1, 1, by_timeout(left))), "execute imposed");
}

#[test]
fn r15_a_certificate_of_the_current_round_or_a_higher_one_is_confirmed_and_locks() {
    let mut story = Story::new("FSS");
    assert_eq!(story.certificate(&story.world.validated(0, 1)), "sign confirm(0, 1)");
    assert_eq!(story.certificate(&story.world.validated(2, 1)), "sign confirm(2, 1)");
    assert_eq!(story.machine.lock(), Some(&Lock { round: Round(2), block: block(1) }));
    assert_eq!(story.certificate(&story.world.validated(1, 1)), "refused: round 2 by certificate (2, 1)");
}

#[test]
fn r16_who_may_ask_to_leave_and_when() {
    let world = || World { ownership: owned_by("FM", &[ANN, BOB]), ..World::four("F") };
    let mut story = Story::of(world());
    assert_eq!(story.leave(0, EVE, &[]), "refused: not proposer in 0");
    assert_eq!(story.leave(0, ANN, &[]), "refused: too early, 1s left");
    story.wait(999);
    assert_eq!(story.leave(0, ANN, &[]), "refused: too early, 1s left");
    story.wait(1);
    assert_eq!(story.machine.deadline(&story.world.terms()), Some(story.now));
    assert_eq!(story.leave(0, BOB, &[]), "sign timeout(0)");

    let mut alone = Story::new("FM");
    assert_eq!(alone.leave(0, ANN, &[]), "sign timeout(0)");
}

#[test]
fn r16_weight_above_f_that_leaves_takes_everybody_along() {
    let mut story = Story::of(World { ownership: owned_by("FM", &[ANN, BOB]), ..World::four("F") });
    let left = |signer, round| story.world.ballot(signer, round, Ballot::Timeout(Report::Nothing));
    let (one, again, other_round, two) = (left(1, 0), left(1, 0), left(2, 1), left(2, 0));
    let validate = story.world.ballot(3, 0, Ballot::Validate(block(1)));
    let too_few = [one.clone(), again, other_round, validate];
    assert_eq!(story.leave(0, ANN, &too_few), "refused: too early, 1s left");
    assert_eq!(story.leave(0, ANN, &[one, two]), "sign timeout(0)");
}

#[test]
fn r17_the_first_timer_starts_with_the_first_valid_request() {
    let mut story = Story::of(World { ownership: owned_by("MM", &[ANN, BOB]), ..World::four("M") });
    assert_eq!(story.machine.deadline(&story.world.terms()), None);
    story.propose(&story.world.proposal_by(EVE, EVE, 1, block(1), None));
    assert_eq!(story.machine.deadline(&story.world.terms()), None);
    story.wait(500);
    story.ask(&story.world.proposal(1, 1, None));
    assert_eq!(story.machine.deadline(&story.world.terms()).unwrap().since(NOW).0, 1_500_000);
    story.wait(500);
    story.certificate(&story.world.validated(2, 1));
    assert_eq!(story.machine.deadline(&story.world.terms()).unwrap().since(NOW).0, 2_000_000);
}

#[test]
fn r18_nothing_is_signed_after_a_final_certificate() {
    let mut story = Story::new("FS");
    let fast = story.world.validated(0, 1);
    story.machine.on_final(finality(&fast, &story.world.committee, &header(1)).unwrap());
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "refused: final (0, 1)");
    assert_eq!(story.certificate(&story.world.validated(1, 1)), "refused: final (0, 1)");
    assert_eq!(story.leave(0, ANN, &[]), "refused: final (0, 1)");
    assert_eq!(story.left(&story.world.idle_timeout(0)), "refused: final (0, 1)");

    let mut story = Story::new("FS");
    assert_eq!(story.certificate(&story.world.confirmed(5, 1)), "noted");
    assert_eq!(story.propose(&story.world.proposal(0, 1, None)), "refused: final (5, 1)");
}

#[test]
fn a_machine_answers_only_about_its_own_height() {
    let world = World::four("FS");
    let elsewhere = myceline_types::Slot { epoch: myceline_types::Epoch(1), ..slot() };
    let terms = myceline_consensus::Terms { slot: elsewhere, ..world.terms() };
    let mut machine = Machine::new(&terms);
    let verdict = machine.on_proposal(&terms, NOW, &world.proposal(0, 1, None));
    assert_eq!(super::tell(&verdict), "refused: slot");
    assert_eq!(super::tell(&machine.on_certificate(&terms, NOW, &world.confirmed(0, 1))), "refused: slot");
    assert_eq!(machine, Machine::new(&terms));
}
