//! Bundles with proof, syncing and freshness.

use crate::kit::*;
use myceline_sessions::{
    Freshness, Receipts, Sync,
    freshness::Electorate,
    receive::Room,
    sync::{Effect, Event},
};
use myceline_types::{
    BlockHeight, CertifiedBlock, ChainId, Cursor, Ownership, Transaction,
    api::{CertificateRequest, Request, Response},
};
use std::sync::Arc;

const ROOM: Room = Room { transactions: 100, bytes: 1 << 20 };

fn world() -> World {
    let owners = ["ann", "bob", "eve"];
    World::new(4, 0, owners.map(|owner| Ownership::single_fast(secret(owner).owner())).to_vec())
}

/// Ann sends three times to Bob, with a transfer to Eve in between; gives Ann's chain and Bob's.
fn three_bundles(world: &mut World) -> (ChainId, ChainId) {
    let (from, to, eve) = (world.chain(0), world.chain(1), world.chain(2));
    let mut ann = world.device("ann");
    for to in [to, eve, to, to] {
        world.transfer(&mut ann, from, to, 1);
    }
    (from, to)
}

fn block_at(world: &mut World, chain: ChainId, height: BlockHeight) -> CertifiedBlock {
    let now = world.now;
    match world.validators[0].handle(now, &Request::Blocks { chain, from: height, limit: 1 }) {
        Response::Blocks(mut blocks) => blocks.remove(0),
        other => panic!("{other:?}"),
    }
}

fn cursors(transactions: &[Transaction]) -> Vec<u64> {
    let height = |transaction: &Transaction| match transaction {
        Transaction::Receive(incoming) => incoming.bundle.cursor.height.0,
        other => panic!("{other:?}"),
    };
    transactions.iter().map(height).collect()
}

fn at(height: u64) -> Cursor {
    Cursor { height: BlockHeight(height), transaction: 0 }
}

#[test]
fn a_hint_of_the_newest_bundle_leads_back_to_the_first_and_past_what_does_not_matter() {
    let mut world = world();
    let (from, to) = three_bundles(&mut world);
    let mut receipts = Receipts::new(to);
    receipts.hint(from, at(3));
    let mut read = Vec::new();
    while let Some((origin, height)) = receipts.wanted(1).pop() {
        assert_eq!(receipts.next(ROOM), [], "nothing is taken before the gap is closed");
        read.push(height.0);
        let block = block_at(&mut world, origin, height);
        world.trusting(|trust| receipts.show(trust, &block)).unwrap();
    }
    assert_eq!(read, [3, 2, 0]);
    assert_eq!(cursors(&receipts.next(ROOM)), [0, 2, 3]);
    assert_eq!(cursors(&receipts.next(Room { transactions: 2, ..ROOM })), [0, 2]);
    receipts.received(from, Some(at(2)));
    assert_eq!(cursors(&receipts.next(ROOM)), [3]);
    receipts.received(from, Some(at(3)));
    assert!(receipts.is_empty());
}

#[test]
fn a_block_without_proof_delivers_nothing() {
    let mut world = world();
    let (from, to) = three_bundles(&mut world);
    let mut receipts = Receipts::new(to);
    let good = block_at(&mut world, from, BlockHeight(0));
    let mut forged = good.clone();
    forged.block.outcome.messages.push(forged.block.outcome.messages[0].clone());
    world.trusting(|trust| receipts.show(trust, &forged)).unwrap_err();
    let mut light = good.clone();
    light.certificate.signers = [0u8, 1].into_iter().collect();
    Arc::make_mut(&mut light.certificate.signatures).truncate(2);
    world.trusting(|trust| receipts.show(trust, &light)).unwrap_err();
    assert_eq!(receipts.next(ROOM), []);
    world.trusting(|trust| receipts.show(trust, &good)).unwrap();
    assert_eq!(cursors(&receipts.next(ROOM)), [0]);
}

#[test]
fn a_hint_that_nobody_can_prove_is_dropped() {
    let world = world();
    let mut receipts = Receipts::new(world.chain(1));
    receipts.hint(world.chain(0), at(7));
    assert_eq!(receipts.wanted(5), [(world.chain(0), BlockHeight(7))]);
    receipts.unavailable(world.chain(0), BlockHeight(7));
    assert!(receipts.wanted(5).is_empty() && receipts.is_empty());
}

#[test]
fn syncing_falls_over_to_a_source_that_tells_the_truth() {
    let mut world = world();
    let (chain, _) = three_bundles(&mut world);
    let mut device = world.device("ann");
    let mut session = Sync::new(chain, BlockHeight(0), BlockHeight(4), [3, 2, 1]);
    let mut effect = session.step(Event::Begin);
    let mut asked = Vec::new();
    let reached = loop {
        effect = match effect {
            Effect::Done(next) => break next,
            Effect::Ask(3, _) => session.step(Event::Silence),
            Effect::Ask(source, request) => {
                asked.push(source);
                let now = world.now;
                let mut answer = world.validators[usize::from(source)].handle(now, &request);
                if let (2, Response::Blocks(blocks)) = (source, &mut answer) {
                    // The second block is not what was certified.
                    blocks[1].block.proposed.timestamp.0 += 1;
                }
                session.step(Event::Answer(Box::new(answer)))
            }
            Effect::Store(certified, blobs) => {
                let CertifiedBlock { block, certificate } = *certified;
                let request = CertificateRequest { certificate, block: Some(block), blobs };
                let stored = device.place.step(world.now, chain, |work| work.certificate(&request)).unwrap().1;
                let is_good = matches!(stored, Some(Response::Committed { .. }));
                session.step(if is_good { Event::Stored } else { Event::Bad })
            }
        };
    };
    assert_eq!((reached, asked), (BlockHeight(4), vec![2, 1]));
    assert_eq!(device.place.tip(chain), world.validators[0].tip(chain));
}

#[test]
fn a_tip_is_current_when_enough_weight_says_so_and_a_liar_is_left_out() {
    let mut world = world();
    let (chain, _) = three_bundles(&mut world);
    let (now, committee) = (world.now, world.committee().clone());
    let mut freshness = Freshness::new(chain, 7);
    let next = BlockHeight(4);
    let hear = |world: &mut World, freshness: &mut Freshness, validator: u8, nonce: u64, lie: u64| {
        let answer = world.validators[usize::from(validator)].handle(now, &Request::Info { chain, nonce });
        let Response::Info(mut info) = answer else { panic!("{answer:?}") };
        info.info.next.0 += lie;
        let electorate = Electorate { network: world.network.id(), committee: &committee, verifier: &*world.verifier };
        freshness.hear(electorate, validator, &info)
    };
    assert!(hear(&mut world, &mut freshness, 0, 7, 0));
    assert!(!hear(&mut world, &mut freshness, 1, 6, 0), "an old answer");
    assert!(!hear(&mut world, &mut freshness, 1, 7, 1), "changed on the way");
    assert!(hear(&mut world, &mut freshness, 1, 7, 0));
    assert!(!freshness.is_current(&committee, next), "two of four");
    assert!(hear(&mut world, &mut freshness, 2, 7, 0));
    assert!(freshness.is_current(&committee, next));
    assert_eq!(freshness.highest_above(BlockHeight(1)), Some((next, vec![0, 1, 2])));
    assert!(!freshness.is_current(&committee, BlockHeight(3)), "a higher block is known of");
    freshness.discredit(2);
    assert!(!freshness.is_current(&committee, next));
}
