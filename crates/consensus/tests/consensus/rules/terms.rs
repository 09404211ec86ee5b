//! R2, R3, R16 (b), R17, R31: what follows from the ownership alone.

use crate::kit::*;
use myceline_consensus::RoundKind;
use myceline_types::{Leaders, OwnerSet, Ownership, Round, TimeDelta};
use std::collections::BTreeSet;

fn kinds(pattern: &str) -> String {
    let world = World::four(pattern);
    let letter = |round| match world.terms().kind(Round(round)) {
        None => '-',
        Some(RoundKind::Fast) => 'F',
        Some(RoundKind::MultiLeader) => 'M',
        Some(RoundKind::SingleLeader) => 'S',
    };
    (0..6).map(letter).collect()
}

#[test]
fn r2_only_chains_with_a_fast_owner_have_round_0() {
    assert_eq!(World::four("FMM").terms().first_round(), Round(0));
    assert_eq!(World::four("MM").terms().first_round(), Round(1));
    assert_eq!(World { ownership: Ownership::public(), ..World::four("F") }.terms().first_round(), Round(1));
}

#[test]
fn r3_multi_leader_rounds_come_before_single_leader_rounds() {
    assert_eq!(kinds("FMM"), "FMMSSS");
    assert_eq!(kinds("F"), "FSSSSS");
    assert_eq!(kinds("MMM"), "-MMMSS");
    assert_eq!(kinds("S"), "-SSSSS");
}

#[test]
fn r3_who_may_propose() {
    let owners =
        OwnerSet { fast: [ANN].into(), regular: [(BOB, 1)].into(), multi_leader_rounds: 1, open_multi_leader: false };
    let mut world = World { ownership: Ownership::owners(owners.clone()), ..World::four("F") };
    let may = |world: &World, round| [ANN, BOB, EVE].map(|owner| world.terms().may_propose(&owner, Round(round)));
    assert_eq!(may(&world, 0), [true, false, false]);
    assert_eq!(may(&world, 1), [true, true, false]);
    let leaders = |world: &World| (2..12).map(|round| may(world, round)).collect::<BTreeSet<_>>();
    let in_turns = BTreeSet::from([[true, false, false], [false, true, false]]);
    assert_eq!(leaders(&world), in_turns, "who can begin a height can finish it, whether the others are there or not");
    world.ownership.leaders = Leaders::Owners(OwnerSet { open_multi_leader: true, ..owners });
    assert_eq!(may(&world, 1), [true, true, true]);
    assert_eq!(leaders(&world), in_turns);
}

#[test]
fn r3_single_leader_rounds_rotate() {
    let world = World { ownership: owned_by("S", &[ANN, BOB]), ..World::four("S") };
    let leaders: Vec<_> = (1..20).map(|round| world.terms().leader(Round(round)).unwrap()).collect();
    assert!(leaders.contains(&ANN) && leaders.contains(&BOB) && !leaders.contains(&EVE));
}

#[test]
fn r31_validators_lead_public_chains_and_may_ask_to_leave() {
    let world = World { ownership: Ownership::public(), ..World::four("F") };
    let accounts: Vec<_> = world.committee.validators().iter().map(|validator| validator.account).collect();
    let leader = world.terms().leader(Round(1)).unwrap();
    assert!(accounts.contains(&leader));
    let proposers = accounts.iter().filter(|account| world.terms().may_propose(account, Round(1)));
    assert_eq!(proposers.collect::<Vec<_>>(), [&leader]);
    assert!(accounts.iter().all(|account| world.terms().may_ask_for_timeout(account)));
    assert!(!world.terms().may_ask_for_timeout(&ANN));
    assert_eq!(world.terms().sole_proposer(Round(1)), Some(leader));
}

#[test]
fn r16_sole_proposers() {
    let sole = |ownership, round| World { ownership, ..World::four("F") }.terms().sole_proposer(Round(round));
    for round in 0..4 {
        assert_eq!(sole(rounds("FM"), round), Some(ANN));
    }
    assert_eq!(sole(owned_by("FM", &[ANN, BOB]), 0), None);
    assert_eq!(sole(owned_by("FM", &[ANN, BOB]), 1), None);
    assert!(sole(owned_by("FM", &[ANN, BOB]), 2).is_some());
    assert_eq!(sole(rounds("M"), 0), None, "a round that there is not");
    let mut open = rounds("M");
    if let Leaders::Owners(owners) = &mut open.leaders {
        owners.open_multi_leader = true;
    }
    assert_eq!(sole(open, 1), None, "anybody may propose there");
}

#[test]
fn r17_single_leader_rounds_grow_without_bound() {
    let world = World::four("FMM");
    let lasts = |round| world.terms().duration(Round(round));
    let millis = TimeDelta::from_millis;
    assert_eq!([0, 1, 2, 3, 4, 5].map(lasts), [1000, 1000, 1000, 1000, 1500, 2250].map(millis));
    assert_eq!(lasts(u32::MAX), TimeDelta(u64::MAX));
    let mut slow = rounds("S");
    slow.timeouts.base = TimeDelta(1);
    slow.timeouts.growth_percent = 1;
    let world = World { ownership: slow, ..World::four("S") };
    assert!((1..500).all(|round| world.terms().duration(Round(round)) < world.terms().duration(Round(round + 1))));
}
