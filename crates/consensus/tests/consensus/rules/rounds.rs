//! R19: what makes a validator enter a round, and what does not.

use super::Story;
use crate::kit::*;
use myceline_types::{Report, Round};

#[test]
fn r19_a_timeout_certificate_opens_the_round_after_it() {
    let mut story = Story::new("FSS");
    assert_eq!(story.left(&story.world.idle_timeout(4)), "noted");
    assert_eq!(story.machine.round(), Round(5));
    assert_eq!(story.left(&story.world.idle_timeout(2)), "noted");
    assert_eq!(story.machine.round(), Round(5), "an older one opens nothing");
    assert_eq!(story.machine.newest_timeout().unwrap().round, Round(4));
}

#[test]
fn r19_a_certificate_opens_its_own_round_and_not_the_next() {
    let mut story = Story::new("FSS");
    story.certificate(&story.world.validated(3, 1));
    assert_eq!(story.machine.round(), Round(3));
    assert_eq!(story.propose(&story.world.proposal(3, 2, None)), "refused: unjustified in 3");
    assert_eq!(story.propose(&story.world.proposal(4, 1, None)), "refused: round 3 by certificate (3, 1)");
}

#[test]
fn r19_a_proposal_opens_any_multi_leader_round_but_no_single_leader_round() {
    let mut story = Story::new("MMMS");
    assert_eq!(story.ask(&story.world.proposal(3, 1, None)), "execute");
    assert_eq!(story.machine.round(), Round(3));
    assert_eq!(story.ask(&story.world.proposal(1, 1, None)), "refused: round 3 by proposal of 1");
    assert_eq!(story.ask(&story.world.proposal(4, 1, None)), "refused: round 3 by proposal of 1");
}

#[test]
fn r19_a_proposal_opens_its_round_even_if_it_is_then_refused() {
    let mut story = Story::new("MMM");
    story.certificate(&story.world.validated(1, 1));
    assert_eq!(story.propose(&story.world.proposal(2, 2, None)), "refused: locked (1, 1)");
    assert_eq!(story.machine.round(), Round(2));

    let mut story = Story::new("MMM");
    assert_eq!(story.execute(&story.world.proposal(2, 2, None), executed(1)), "refused: gives 1");
    assert_eq!(story.machine.round(), Round(2));
}

#[test]
fn r19_only_a_justified_proposal_of_somebody_who_may_opens_a_round() {
    let mut story = Story::new("MMM");
    let stranger = story.world.proposal_by(EVE, EVE, 2, block(1), None);
    assert_eq!(story.ask(&stranger), "refused: not proposer in 2");
    let mut fast = Story::new("FMM");
    assert_eq!(fast.ask(&fast.world.proposal(2, 1, None)), "refused: unjustified in 2");
    assert_eq!((story.machine.round(), fast.machine.round()), (Round(1), Round(0)));
}

#[test]
fn r19_a_validator_that_lags_follows_forwarded_evidence() {
    let mut ahead = Story::new("FMM");
    let left = ahead.world.timeout(0, &[Report::Fast(block(1)); 4], None);
    ahead.ask(&ahead.world.proposal(2, 1, by_timeout(left)));
    let Some(myceline_consensus::Entry::Proposal(opening)) = ahead.machine.entry() else { panic!("opened otherwise") };
    let mut behind = Story::new("FMM");
    let forwarded = behind.world.proposal_by(ANN, opening.proposer, 2, opening.block, opening.justification);
    assert_eq!(forwarded.signature, opening.signature);
    behind.ask(&forwarded);
    assert_eq!(behind.machine.round(), Round(2));
}
