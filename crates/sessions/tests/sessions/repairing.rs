//! Validators that lack something get it from the owner's client, whatever it is.

use crate::kit::*;
use myceline_node::{Draft, read};
use myceline_types::{
    Amount, BlockHeight, ChainConfig, Operation, OwnerSet, Ownership, Permissions, Transaction,
    api::{CertificateRequest, Request, Response},
};

fn world() -> World {
    World::new(4, 0, vec![Ownership::single_fast(secret("ann").owner()), Ownership::single_fast(secret("bob").owner())])
}

#[test]
fn a_lagging_validator_is_brought_up_to_date_within_the_exchange() {
    let mut world = world();
    let (chain, other) = (world.chain(0), world.chain(1));
    let mut device = world.device("ann");
    device.links[3] = Link::Down;
    for tokens in 1..=40 {
        assert_eq!(world.transfer(&mut device, chain, other, tokens).exchanges, 2);
    }
    assert_eq!(world.validators[3].tip(chain).0, BlockHeight(0));
    device.links[3] = Link::Up;
    let settled = world.transfer(&mut device, chain, other, 1);
    assert_eq!(world.validators[3].tip(chain).0, BlockHeight(41));
    assert!(settled.exchanges <= 2);
}

#[test]
fn a_lagging_validator_is_brought_up_to_date_by_who_asks_it_to_leave_a_round() {
    let (ann, bob) = (secret("ann").owner(), secret("bob").owner());
    let shared =
        OwnerSet { fast: [ann].into(), regular: [(bob, 1)].into(), multi_leader_rounds: 1, ..OwnerSet::default() };
    let mut world = World::new(4, 0, vec![Ownership::owners(shared), Ownership::single_fast(bob)]);
    let (chain, other) = (world.chain(0), world.chain(1));
    let (mut first, mut second) = (world.device("ann"), world.device("bob"));
    first.links[3] = Link::Down;
    world.transfer(&mut first, chain, other, 5);
    let paid = read::certified(&world.validators[0].rows, chain, BlockHeight(0)).unwrap().unwrap();
    let paid = CertificateRequest { certificate: paid.certificate, block: Some(paid.block), blobs: Vec::new() };
    second.place.step(world.now, chain, |work| work.certificate(&paid)).unwrap();
    // Now another one is away. Round 0 is not the second owner's: the first thing that they ask is to leave it.
    second.links[2] = Link::Down;
    let settled = world.transfer(&mut second, chain, other, 7);
    assert!(matches!(settled.block(), (_, true)));
    assert_eq!(world.validators[3].tip(chain).0, BlockHeight(2));
}

#[test]
fn a_proposal_carries_the_certificate_of_the_block_before() {
    let mut world = world();
    let (chain, other) = (world.chain(0), world.chain(1));
    let mut device = world.device("ann");
    let own = device.stage(world.now, chain, vec![transfer(other, 5)]);
    let first = world.settle(&mut device, chain, Some(own), None);
    world.adopt(&mut device, &first);
    assert_eq!(world.validators[0].tip(chain).0, BlockHeight(0), "nobody was told");
    let own = device.stage(world.now, chain, vec![transfer(other, 6)]);
    let second = world.settle(&mut device, chain, Some(own), Some(first.certificate().clone()));
    assert_eq!(second.exchanges, 1);
    assert_eq!(world.validators[0].tip(chain).0, BlockHeight(1));
}

#[test]
fn a_validator_that_missed_the_block_before_gets_it_although_only_its_certificate_was_sent() {
    let mut world = world();
    let (chain, other) = (world.chain(0), world.chain(1));
    let mut device = world.device("ann");
    device.links[3] = Link::Down;
    let own = device.stage(world.now, chain, vec![transfer(other, 5)]);
    let first = world.settle(&mut device, chain, Some(own), None);
    world.adopt(&mut device, &first);
    device.links[3] = Link::Up;
    let own = device.stage(world.now, chain, vec![transfer(other, 6)]);
    let second = world.settle(&mut device, chain, Some(own), Some(first.certificate().clone()));
    assert!(matches!(second.block(), (_, true)));
    assert_eq!(world.validators[3].tip(chain).0, BlockHeight(1));
}

#[test]
fn bundles_that_did_not_arrive_are_brought_with_the_blocks_that_sent_them() {
    let mut world = world();
    let (chain, other) = (world.chain(0), world.chain(1));
    let (mut ann, mut bob) = (world.device("ann"), world.device("bob"));
    ann.links[3] = Link::Down;
    for tokens in 1..=3 {
        world.transfer(&mut ann, chain, other, tokens);
    }
    let incoming = bob.incoming(&world, other);
    assert_eq!(incoming.len(), 3);
    let draft = Draft { author: Some(bob.owner()), incoming, ..Draft::default() };
    let own = bob.stage_draft(world.now, other, draft);
    let settled = world.finish(&mut bob, other, Some(own));
    assert!(settled.exchanges <= 2);
    assert_eq!(bob.place.balance(other), Amount::from_tokens(1006));
    assert_eq!(world.validators[3].tip(chain).0, BlockHeight(3));
    assert_eq!(world.validators[3].tip(other).0, BlockHeight(1));
}

#[test]
fn a_chain_that_a_validator_does_not_know_is_brought_with_the_block_that_opened_it() {
    let mut world = world();
    let chain = world.chain(0);
    let mut ann = world.device("ann");
    ann.links[3] = Link::Down;
    world.transfer(&mut ann, chain, world.chain(1), 1);
    let config = ChainConfig {
        ownership: Ownership::single_fast(ann.owner()),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(10),
    };
    let open = Transaction::Execute(Operation::OpenChain(Box::new(config)));
    let own = ann.stage(world.now, chain, vec![open]);
    world.finish(&mut ann, chain, Some(own));
    let child = ann.newest_birth();
    ann.links[3] = Link::Up;
    let settled = world.transfer(&mut ann, child, chain, 1);
    assert!(settled.exchanges <= 2);
    assert_eq!(world.validators[3].tip(child).0, BlockHeight(1));
}

#[test]
fn a_validator_that_lies_about_what_it_lacks_is_given_up() {
    use myceline_sessions::{Repair, repair};
    use myceline_types::Refusal;
    let mut world = world();
    let chain = world.chain(0);
    let mut device = world.device("ann");
    let settled = world.transfer(&mut device, chain, world.chain(1), 1);
    let request = myceline_types::api::CertificateRequest {
        certificate: settled.certificate().clone(),
        block: None,
        blobs: Vec::new(),
    };
    let lie = || Box::new(Refusal::UnknownChain(chain));
    let mut session = Repair::new(Request::Certificate(Box::new(request)));
    let mut effect = session.step(repair::Event::Refused(lie()));
    for _ in 0..10 {
        effect = match effect {
            repair::Effect::GiveUp(_) => return,
            repair::Effect::Find(_) => session.step(repair::Event::NotFound),
            repair::Effect::Send(requests) => {
                let answers = requests.iter().map(|_| Response::Refused(lie())).collect();
                session.step(repair::Event::Answers(answers))
            }
            repair::Effect::Done(answer) => panic!("{answer:?}"),
        };
    }
    panic!("it never gives up");
}
