//! R20 to R26: what a proposal must show.

use super::Story;
use crate::kit::*;
use myceline_types::{CertificateKind, Checked, Justification, Report, TimeoutCertificate};

/// What a validator in the first round answers to block 1 in `round`, shown `justification`.
fn check(pattern: &str, round: u32, justification: impl FnOnce(&World) -> Option<Justification>, expected: &str) {
    let mut story = Story::new(pattern);
    let justification = justification(&story.world);
    assert_eq!(story.propose(&story.world.proposal(round, 1, justification)), expected, "{pattern} {round}");
}

/// A timeout certificate that permits only block `number`.
fn imposing(world: &World, round: u32, number: i8) -> Checked<TimeoutCertificate> {
    world.timeout(round, &[Report::Fast(block(number)); 4], None)
}

#[test]
fn r20_a_new_block_is_its_proposers_own() {
    let mut story = Story::of(World { ownership: owned_by("MM", &[ANN, BOB]), ..World::four("M") });
    assert_eq!(story.ask(&story.world.proposal_by(ANN, BOB, 1, block(1), None)), "refused: author");
    assert_eq!(story.ask(&story.world.proposal_by(BOB, BOB, 1, block(1), None)), "execute");
}

#[test]
fn r20_the_author_of_an_imposed_or_certified_block_stays() {
    let mut story = Story::of(World { ownership: owned_by("FMM", &[ANN, BOB]), ..World::four("M") });
    let by_report = by_timeout(imposing(&story.world, 0, 1));
    assert_eq!(story.ask(&story.world.proposal_by(ANN, BOB, 1, block(1), by_report)), "execute imposed");
    let certified = by_certificate(story.world.validated(1, 1));
    assert_eq!(story.ask(&story.world.proposal_by(ANN, BOB, 2, block(1), certified)), "sign validate(2, 1)");
}

#[test]
fn r20_another_header_is_shown() {
    let mut story = Story::new("FS");
    assert_eq!(story.execute(&story.world.proposal(0, 1, None), executed(2)), "refused: gives 2");
    assert_eq!(
        story.propose(&story.world.proposal(0, 1, None)),
        "sign validate(0, 1)",
        "it may have been the validator"
    );
}

#[test]
fn r21_the_first_round_needs_no_justification() {
    check("FS", 0, |_| None, "sign validate(0, 1)");
    check("MS", 1, |_| None, "sign validate(1, 1)");
    check("SS", 1, |_| None, "sign validate(1, 1)");
    check("SS", 1, |world| by_timeout(world.idle_timeout(0)), "refused: unjustified in 1");
}

#[test]
fn r22_single_leader_rounds_need_the_timeout_certificate_of_the_round_before() {
    check("FS", 2, |world| by_timeout(world.idle_timeout(1)), "sign validate(2, 1)");
    check("FS", 2, |world| by_timeout(imposing(world, 1, 1)), "sign validate(2, 1)");
    check("FS", 2, |world| by_timeout(imposing(world, 1, 2)), "refused: unjustified in 2");
    check("FS", 2, |world| by_timeout(world.idle_timeout(0)), "refused: round 1 by T(0)");
    let at_2 = |justify: fn(&World) -> Option<Justification>| {
        let mut story = Story::new("FS");
        story.left(&story.world.idle_timeout(1));
        story.propose(&story.world.proposal(2, 1, justify(&story.world)))
    };
    assert_eq!(at_2(|world| by_timeout(world.idle_timeout(0))), "refused: unjustified in 2");
    assert_eq!(at_2(|world| by_certificate(world.validated(1, 1))), "refused: unjustified in 2");
    assert_eq!(at_2(|_| None), "refused: unjustified in 2");
}

#[test]
fn r23_multi_leader_rounds_take_any_earlier_timeout_certificate_or_certificate() {
    check("FMMM", 3, |world| by_timeout(world.idle_timeout(0)), "sign validate(3, 1)");
    check("FMMM", 3, |world| by_timeout(imposing(world, 1, 1)), "sign validate(3, 1)");
    check("FMMM", 3, |world| by_timeout(imposing(world, 1, 2)), "refused: unjustified in 3");
    check("FMMM", 3, |world| by_certificate(world.validated(0, 1)), "sign validate(3, 1)");
    check("FMMM", 3, |world| by_certificate(world.validated(2, 2)), "refused: unjustified in 3");
    check("FMMM", 3, |world| by_certificate(world.validated(3, 1)), "refused: unjustified in 3");
    check("FMMM", 3, |world| by_timeout(world.idle_timeout(3)), "refused: round 4 by T(3)");
}

#[test]
fn r24_fresh_proposals_only_where_there_is_no_round_0() {
    check("MMM", 3, |_| None, "sign validate(3, 1)");
    check("FMM", 2, |_| None, "refused: unjustified in 2");
    check("MMS", 3, |_| None, "refused: round 1 by nothing");
}

/// What a validator that confirmed block 1 in round 2 answers to block `number` in round 5.
fn check_locked(number: i8, justify: impl FnOnce(&World) -> Option<Justification>, expected: &str) {
    let mut story = Story::new("MMMMM");
    story.certificate(&story.world.validated(2, 1));
    let justification = justify(&story.world);
    assert_eq!(story.propose(&story.world.proposal(5, number, justification)), expected);
}

#[test]
fn r25_the_locked_block_passes_with_any_justification() {
    check_locked(1, |_| None, "sign validate(5, 1)");
    check_locked(1, |world| by_certificate(world.validated(1, 1)), "sign validate(5, 1)");
    check_locked(1, |world| by_timeout(world.idle_timeout(1)), "sign validate(5, 1)");
}

#[test]
fn r25_refuses_older_certificate() {
    check_locked(2, |world| by_certificate(world.validated(1, 2)), "refused: locked (2, 1)");
    check_locked(2, |world| by_certificate(world.validated(3, 2)), "sign validate(5, 2)");
}

#[test]
fn r25_refuses_older_timeout_certificate() {
    check_locked(2, |world| by_timeout(world.idle_timeout(1)), "refused: locked (2, 1)");
    check_locked(2, |world| by_timeout(world.idle_timeout(2)), "sign validate(5, 2)");
    check_locked(2, |world| by_timeout(world.timeout(4, &[Report::Nothing; 3], None)), "sign validate(5, 2)");
}

#[test]
fn r25_refuses_fresh() {
    check_locked(2, |_| None, "refused: locked (2, 1)");
}

#[test]
fn r25_r27_refusal_shows_a_certificate_that_passes_the_lock() {
    let mut story = Story::new("MMMMM");
    story.certificate(&story.world.validated(2, 1));
    story.leave(2, ANN, &[]);
    story.certificate(&story.world.certificate(CertificateKind::Validated, 3, block(2), &[0, 1, 2]).unwrap());
    assert_eq!(story.propose(&story.world.proposal(4, 1, None)), "refused: locked (3, 2)");
    let shown = by_certificate(story.world.validated(3, 2));
    assert_eq!(story.propose(&story.world.proposal(4, 2, shown)), "sign validate(4, 2)");
}

#[test]
fn r26_multi_leader_rounds_reuse_the_timeout_certificate_of_round_0() {
    let mut story = Story::of(World { ownership: owned_by("FMMM", &[ANN, BOB]), ..World::four("F") });
    let zero = || by_timeout(World::four("F").idle_timeout(0));
    assert_eq!(story.propose(&story.world.proposal(1, 1, zero())), "sign validate(1, 1)");
    assert_eq!(story.propose(&story.world.proposal_by(BOB, BOB, 2, block(2), zero())), "sign validate(2, 2)");
    story.certificate(&story.world.validated(2, 2));
    assert_eq!(story.propose(&story.world.proposal(3, 1, zero())), "refused: locked (2, 2)");
}
