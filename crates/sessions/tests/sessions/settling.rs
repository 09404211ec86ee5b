//! From an owner's block to a final one, with all that may go wrong on the way.

use crate::kit::*;
use myceline_sessions::settle::{Ending, GaveUp};
use myceline_types::{Amount, BlockHash, BlockHeight, CertificateKind, ChainId, Owner, OwnerSet, Ownership, Round};
use std::collections::{BTreeMap, BTreeSet};

fn ann() -> Owner {
    secret("ann").owner()
}

fn bob() -> Owner {
    secret("bob").owner()
}

/// Four validators, p = 0, and a chain of Ann's with a fast round.
fn fast_world() -> (World, ChainId, ChainId) {
    let world = World::new(4, 0, vec![Ownership::single_fast(ann()), Ownership::single_fast(bob())]);
    let (chain, other) = (world.chain(0), world.chain(1));
    (world, chain, other)
}

#[test]
fn a_fast_block_takes_one_exchange() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    let settled = world.transfer(&mut device, chain, other, 5);
    assert_eq!((settled.exchanges, settled.block().1), (1, true));
    assert_eq!(settled.certificate().kind, CertificateKind::Validated);
    assert_eq!(device.place.balance(chain), Amount::from_tokens(995));
    for validator in &mut world.validators {
        assert_eq!(validator.tip(chain).0, BlockHeight(1));
    }
}

#[test]
fn a_proposal_is_written_down_before_it_is_sent() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    device.links = vec![Link::Down; 4];
    let own = device.stage(world.now, chain, vec![transfer(other, 5)]);
    let mut attempt = Attempt::begin(&world, &mut device, chain, Some(own), None);
    attempt.advance(&mut world, &mut device);
    assert!(device.written.is_empty(), "it is not signed yet");
    attempt.advance(&mut world, &mut device);
    assert_eq!(device.written.len(), 1);
    assert!(!attempt.has_sent());
    attempt.advance(&mut world, &mut device);
    assert!(attempt.has_sent());
}

#[test]
fn r30_one_silent_validator_costs_a_second_exchange() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    device.links[2] = Link::Down;
    let settled = world.transfer(&mut device, chain, other, 5);
    assert_eq!((settled.exchanges, settled.certificate().kind), (2, CertificateKind::Confirmed));
}

#[test]
fn one_slow_validator_costs_nothing_where_the_committee_allows_for_it() {
    let mut world = World::new(6, 1, vec![Ownership::single_fast(ann()), Ownership::single_fast(bob())]);
    let (chain, other) = (world.chain(0), world.chain(1));
    let mut device = world.device("ann");
    device.links[5] = Link::Down;
    let settled = world.transfer(&mut device, chain, other, 5);
    assert_eq!((settled.exchanges, settled.certificate().kind), (1, CertificateKind::Validated));
}

#[test]
fn a_chain_without_a_fast_owner_takes_two_exchanges() {
    let mut world = World::new(4, 0, vec![Ownership::single(ann()), Ownership::single(bob())]);
    let (chain, other) = (world.chain(0), world.chain(1));
    let mut device = world.device("ann");
    let settled = world.transfer(&mut device, chain, other, 5);
    assert_eq!((settled.exchanges, settled.block().1), (2, true));
}

#[test]
fn without_a_quorum_it_gives_up_and_leaves_the_round_alone() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    device.links = vec![Link::Up, Link::Up, Link::Down, Link::Down];
    let settled = world.transfer(&mut device, chain, other, 5);
    assert_eq!(settled.exchanges, 1);
    assert!(matches!(settled.ending, Ending::GaveUp(GaveUp::NoQuorum { answered: 2, needed: 3 })), "{settled:?}");
    device.links = vec![Link::Up; 4];
    let own = device.resume(world.now, chain);
    let settled = world.finish(&mut device, chain, Some(own));
    assert_eq!((settled.exchanges, settled.certificate().kind), (1, CertificateKind::Validated));
}

#[test]
fn what_honest_validators_object_to_is_said() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    let own = device.stage(
        world.now.after(myceline_types::TimeDelta::from_millis(3_600_000)),
        chain,
        vec![transfer(other, 5)],
    );
    let settled = world.finish(&mut device, chain, Some(own));
    assert!(matches!(settled.ending, Ending::GaveUp(GaveUp::Rejected(_))), "{settled:?}");
}

#[test]
fn a_restart_finishes_the_block_that_was_sent() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    // Two validators have voted when the device goes away.
    device.links = vec![Link::Up, Link::Deaf, Link::Down, Link::Down];
    let lost = world.transfer(&mut device, chain, other, 5);
    assert!(matches!(lost.ending, Ending::GaveUp(GaveUp::NoQuorum { .. })));
    device.links = vec![Link::Up; 4];
    let own = device.resume(world.now, chain);
    let block = own.executed.block;
    let settled = world.finish(&mut device, chain, Some(own));
    assert_eq!((settled.block(), settled.exchanges), ((block, true), 1));
    assert_eq!(device.written.first(), device.written.last(), "signed once, sent again as it was");
}

#[test]
fn r20_somebody_elses_block_is_not_begun_anew_when_nobody_has_to_finish_it() {
    let shared = OwnerSet { fast: [ann(), bob()].into(), multi_leader_rounds: 3, ..OwnerSet::default() };
    let mut world = World::new(4, 0, vec![Ownership::owners(shared), Ownership::single_fast(bob())]);
    let (chain, other) = (world.chain(0), world.chain(1));
    let (mut first, mut second) = (world.device("ann"), world.device("bob"));
    // Two of three that answer report the first owner's block, so the second one has to finish it, and is cut off then.
    first.links = vec![Link::Deaf, Link::Deaf, Link::Down, Link::Down];
    world.transfer(&mut first, chain, other, 5);
    second.links = vec![Link::Up, Link::Up, Link::Up, Link::Down];
    let own = second.stage(world.now, chain, vec![transfer(other, 7)]);
    let mut attempt = Attempt::begin(&world, &mut second, chain, Some(own), None);
    while second.written.last().is_none_or(|written| written.round == Round::FAST) {
        world.now = world.now.max(attempt.next_at().unwrap());
        attempt.advance(&mut world, &mut second);
    }
    let taken_up = second.resume(world.now, chain);
    assert_eq!(taken_up.body.proposed.author, Some(ann()));
    // It begins again and finishes that block, by what its proposal shows; it never offers it as its own.
    second.links = vec![Link::Up; 4];
    let settled = world.finish(&mut second, chain, Some(taken_up));
    assert!(!settled.block().1);
    assert_eq!(second.written.last().unwrap().body.proposed.author, Some(ann()));
}

#[test]
fn a_lost_answer_is_found_out_by_asking_again() {
    let (mut world, chain, other) = fast_world();
    let mut device = world.device("ann");
    // All have voted, nobody is heard.
    device.links = vec![Link::Deaf; 4];
    let lost = world.transfer(&mut device, chain, other, 5);
    assert!(matches!(lost.ending, Ending::GaveUp(GaveUp::NoQuorum { answered: 0, .. })));
    device.links = vec![Link::Up; 4];
    let own = device.resume(world.now, chain);
    world.finish(&mut device, chain, Some(own));
    assert_eq!(device.place.balance(chain), Amount::from_tokens(995));
}

#[test]
fn a_block_that_is_final_elsewhere_is_adopted() {
    let (mut world, chain, other) = fast_world();
    let (mut phone, mut laptop) = (world.device("ann"), world.device("ann"));
    let first = world.transfer(&mut phone, chain, other, 5);
    let settled = world.transfer(&mut laptop, chain, other, 7);
    assert_eq!((settled.block(), settled.exchanges), ((first.block().0, false), 1));
    assert_eq!(laptop.place.balance(chain), Amount::from_tokens(995));
    let settled = world.transfer(&mut laptop, chain, other, 7);
    assert_eq!((settled.block().1, settled.exchanges), (true, 1));
}

/// Ways to split four validators between what the first device has reached before the second one begins.
fn splits() -> impl Iterator<Item = Vec<Link>> {
    (0..16u8).map(|bits| (0..4).map(|bit| if bits >> bit & 1 == 1 { Link::Deaf } else { Link::Down }).collect())
}

#[test]
fn two_devices_that_signed_two_blocks_heal_in_at_most_four_exchanges() {
    let mut trips = BTreeMap::<u32, usize>::new();
    for split in splits() {
        let (mut world, chain, other) = fast_world();
        let (mut phone, mut laptop) = (world.device("ann"), world.device("ann"));
        phone.links = split;
        world.transfer(&mut phone, chain, other, 5);
        let settled = world.transfer(&mut laptop, chain, other, 7);
        assert!(settled.exchanges <= 4, "{:?} took {}", phone.links, settled.exchanges);
        *trips.entry(settled.exchanges).or_default() += 1;
        // The phone finds out, and its own block comes after.
        phone.links = vec![Link::Up; 4];
        let own = phone.resume(world.now, chain);
        let found = world.finish(&mut phone, chain, Some(own));
        assert_eq!(found.block().0, settled.block().0);
    }
    expect_test::expect!["{1: 2, 2: 8, 4: 6}"].assert_eq(&format!("{trips:?}"));
}

#[test]
fn two_devices_at_once_agree_on_every_height() {
    for pace in 0..40 {
        let (mut world, chain, other) = fast_world();
        let mut devices = [world.device("ann"), world.device("ann")];
        let mut blocks = BTreeMap::<BlockHeight, BTreeSet<BlockHash>>::new();
        for tokens in 1..4 {
            race(&mut world, &mut devices, chain, other, tokens, pace);
            for device in &mut devices {
                let (next, block) = device.place.tip(chain);
                blocks.entry(next).or_default().extend(block);
            }
        }
        assert!(blocks.values().all(|blocks| blocks.len() == 1), "{blocks:?}");
    }
}

/// Both devices settle the same height with blocks of their own; the second begins some time after the first.
fn race(world: &mut World, devices: &mut [Device; 2], chain: ChainId, other: ChainId, tokens: u64, pace: u64) {
    let [phone, laptop] = devices;
    let own = phone.stage(world.now, chain, vec![transfer(other, tokens)]);
    let mut first = Attempt::begin(world, phone, chain, Some(own), None);
    let begun = world.now;
    while world.now.since(begun).0 < pace * 50 {
        match first.next_at() {
            Some(at) => world.now = world.now.max(at),
            None => break,
        }
        first.advance(world, phone);
    }
    let own = laptop.stage(world.now, chain, vec![transfer(other, tokens + 10)]);
    let mut second = Attempt::begin(world, laptop, chain, Some(own), None);
    loop {
        let (at, is_first) = match (first.next_at(), second.next_at()) {
            (None, None) => break,
            (Some(at), other) if other.is_none_or(|other| at <= other) => (at, true),
            (_, Some(at)) => (at, false),
            (Some(at), None) => (at, true),
        };
        world.now = world.now.max(at);
        if is_first { first.advance(world, phone) } else { second.advance(world, laptop) }
    }
    for (attempt, device) in [(first, &mut *phone), (second, &mut *laptop)] {
        let settled = attempt.settled();
        world.adopt(device, &settled);
        world.deliver(device, settled.certificate());
    }
}
