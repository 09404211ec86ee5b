//! What operations and messages do, one story each.

use crate::world::{World, account, owner, tokens};
use myceline_execution::Problem;
use myceline_types::{
    Account, Amount, BlockProblem, BundleAction, ChainConfig, ChainId, Epoch, EpochOperation, Hash, Holder, Operation,
    Ownership, Permissions, Prices, Transaction, encoding,
};

fn transfer(from: Holder, to: Account, count: u64) -> Operation {
    Operation::Transfer { from, to, amount: tokens(count) }
}

fn of_owner(number: u8) -> Holder {
    Holder::Owner(owner(number))
}

fn open(number: u8, balance: u64) -> Operation {
    let ownership = Ownership::single_fast(owner(number));
    Operation::OpenChain(Box::new(ChainConfig {
        ownership,
        permissions: Permissions::default(),
        balance: tokens(balance),
    }))
}

fn receive(world: &mut World, chain: ChainId, author: u8, action: BundleAction) -> Result<(), Problem> {
    let next = world.next_bundle(chain, action).expect("a bundle waits");
    world.block(chain, author, vec![next]).map(drop)
}

#[test]
fn value_moves_within_a_chain_and_between_chains() {
    let (mut world, c) = World::new(2);
    world.operate(c[0], 0, transfer(Holder::Chain, account(c[0], 7), 30)).unwrap();
    assert_eq!((world.of(c[0]), world.balance(account(c[0], 7))), (tokens(70), tokens(30)));
    world.operate(c[0], 7, transfer(of_owner(7), account(c[1], 8), 20)).unwrap();
    assert_eq!(world.balance(account(c[1], 8)), Amount::ZERO, "still on its way");
    receive(&mut world, c[1], 1, BundleAction::Accept).unwrap();
    assert_eq!(world.balance(account(c[1], 8)), tokens(20));
}

#[test]
fn nobody_spends_what_is_not_theirs_or_not_there() {
    let (mut world, c) = World::new(1);
    let to = account(c[0], 7);
    let stranger = world.operate(c[0], 9, transfer(Holder::Chain, to, 1)).unwrap_err();
    assert_eq!(stranger, Problem::NotAuthorised { author: owner(9), holder: Holder::Chain });
    let thief = world.operate(c[0], 0, transfer(of_owner(7), to, 1)).unwrap_err();
    assert_eq!(thief, Problem::NotAuthorised { author: owner(0), holder: of_owner(7) });
    let poor = world.operate(c[0], 0, transfer(Holder::Chain, to, 101)).unwrap_err();
    assert_eq!(poor, Problem::Balance { holder: Holder::Chain, balance: tokens(100), needed: tokens(101) });
    assert_eq!(world.operate(c[0], 0, transfer(Holder::Chain, to, 0)).unwrap_err(), Problem::ZeroAmount);
    assert_eq!(world.of(c[0]), tokens(100), "what failed left no trace");
}

#[test]
fn an_allowance_is_spent_up_to_its_amount() {
    let (mut world, c) = World::new(1);
    world.operate(c[0], 0, transfer(Holder::Chain, account(c[0], 7), 50)).unwrap();
    world.operate(c[0], 7, Operation::Approve { spender: owner(8), amount: tokens(20) }).unwrap();
    let take = |count| Operation::TransferFrom { owner: owner(7), to: account(c[0], 8), amount: tokens(count) };
    world.operate(c[0], 8, take(15)).unwrap();
    let too_much = world.operate(c[0], 8, take(6)).unwrap_err();
    assert_eq!(
        too_much,
        Problem::Allowance { owner: owner(7), spender: owner(8), allowed: tokens(5), needed: tokens(6) }
    );
    world.operate(c[0], 8, take(5)).unwrap();
    assert_eq!((world.balance(account(c[0], 7)), world.balance(account(c[0], 8))), (tokens(30), tokens(20)));
}

#[test]
fn a_claim_pays_out_of_the_authors_account_elsewhere() {
    let (mut world, c) = World::new(2);
    world.operate(c[1], 1, transfer(Holder::Chain, account(c[1], 0), 40)).unwrap();
    let claim = Operation::Claim { chain: c[1], to: Account::of_chain(c[0]), amount: tokens(25) };
    world.operate(c[0], 0, claim).unwrap();
    receive(&mut world, c[1], 1, BundleAction::Accept).unwrap();
    receive(&mut world, c[0], 0, BundleAction::Accept).unwrap();
    assert_eq!((world.of(c[0]), world.balance(account(c[1], 0))), (tokens(125), tokens(15)));
}

#[test]
fn a_rejected_credit_comes_back_to_where_it_was_taken_from() {
    let (mut world, c) = World::new(2);
    world.operate(c[0], 0, transfer(Holder::Chain, account(c[0], 7), 30)).unwrap();
    world.operate(c[0], 7, transfer(of_owner(7), Account::of_chain(c[1]), 30)).unwrap();
    receive(&mut world, c[1], 1, BundleAction::Reject).unwrap();
    receive(&mut world, c[0], 0, BundleAction::Accept).unwrap();
    assert_eq!((world.of(c[1]), world.balance(account(c[0], 7))), (tokens(100), tokens(30)));
}

#[test]
fn what_bounces_is_taken_back_even_where_it_is_rejected() {
    let (mut world, c) = World::new(2);
    world.operate(c[0], 0, transfer(Holder::Chain, Account::of_chain(c[1]), 30)).unwrap();
    receive(&mut world, c[1], 1, BundleAction::Reject).unwrap();
    receive(&mut world, c[0], 0, BundleAction::Reject).unwrap();
    assert_eq!(world.of(c[0]), tokens(100));
    assert!(world.next_bundle(c[1], BundleAction::Accept).is_none(), "nothing bounces for ever");
}

#[test]
fn bundles_are_consumed_in_order_and_nothing_is_skipped() {
    let (mut world, c) = World::new(2);
    for _ in 0..2 {
        world.operate(c[0], 0, transfer(Holder::Chain, Account::of_chain(c[1]), 1)).unwrap();
    }
    let first = world.next_bundle(c[1], BundleAction::Accept).unwrap();
    world.block(c[1], 1, vec![first.clone()]).unwrap();
    let again = world.block(c[1], 1, vec![first]).unwrap_err();
    assert!(matches!(again, Problem::BundleOrder { origin, .. } if origin == c[0]));
    assert!(matches!(again.at(0), BlockProblem::BundleOrder { .. }));
    receive(&mut world, c[1], 1, BundleAction::Accept).unwrap();
    assert_eq!(world.of(c[1]), tokens(102));
}

#[test]
fn links_lead_from_each_block_to_the_one_before_that_sent_to_the_same_chain() {
    let (mut world, c) = World::new(3);
    let to = |chain| Transaction::Execute(transfer(Holder::Chain, Account::of_chain(chain), 1));
    let first = world.block(c[0], 0, vec![to(c[1]), to(c[2]), to(c[1])]).unwrap();
    assert!(first.outcome.message_links.is_empty());
    let second = world.block(c[0], 0, vec![to(c[1])]).unwrap();
    let link = &second.outcome.message_links[..];
    assert_eq!(link.len(), 1);
    assert_eq!((link[0].recipient, link[0].previous.height.0, link[0].previous.transaction), (c[1], 0, 2));
    let bundles = first.bundles();
    let to_first: Vec<_> = bundles.iter().filter(|(chain, _)| *chain == c[1]).map(|(_, bundle)| bundle).collect();
    assert_eq!(to_first[1].previous, Some(to_first[0].cursor), "within a block too");
    assert_eq!(second.bundles()[0].1.previous, Some(to_first[1].cursor));
}

#[test]
fn a_chain_is_opened_in_one_transaction_and_its_id_is_in_the_result() {
    let (mut world, c) = World::new(1);
    let block =
        world.block(c[0], 0, vec![Transaction::Execute(open(5, 10)), Transaction::Execute(open(5, 10))]).unwrap();
    let ids: Vec<ChainId> =
        block.outcome.results.iter().map(|result| encoding::from_bytes(&result.bytes.0).unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1], "alike in all but their place");
    assert_eq!((world.of(ids[0]), world.of(ids[1]), world.of(c[0])), (tokens(10), tokens(10), tokens(80)));
    world.operate(ids[1], 5, transfer(Holder::Chain, Account::of_chain(c[0]), 4)).unwrap();
}

#[test]
fn a_chain_that_could_never_make_a_block_is_not_opened() {
    let (mut world, c) = World::new(1);
    let nobody = Ownership::owners(myceline_types::OwnerSet::default());
    let config = ChainConfig { ownership: nobody, permissions: Permissions::default(), balance: Amount::ZERO };
    let problem = world.operate(c[0], 0, Operation::OpenChain(Box::new(config))).unwrap_err();
    assert!(matches!(problem, Problem::Ownership(_)));
}

#[test]
fn a_closed_chain_only_sends_back() {
    let (mut world, c) = World::new(2);
    world.operate(c[0], 0, transfer(Holder::Chain, Account::of_chain(c[1]), 5)).unwrap();
    world.operate(c[1], 1, Operation::CloseChain).unwrap();
    assert_eq!(world.operate(c[1], 1, transfer(Holder::Chain, account(c[1], 1), 1)).unwrap_err(), Problem::Closed);
    assert_eq!(receive(&mut world, c[1], 1, BundleAction::Accept), Err(Problem::Closed));
    receive(&mut world, c[1], 1, BundleAction::Reject).unwrap();
    receive(&mut world, c[0], 0, BundleAction::Accept).unwrap();
    assert_eq!(world.of(c[0]), tokens(100));
}

#[test]
fn ownership_and_permissions_change_for_what_comes_after() {
    let (mut world, c) = World::new(1);
    world.operate(c[0], 0, Operation::ChangeOwnership(Box::new(Ownership::single(owner(3))))).unwrap();
    let former = world.operate(c[0], 0, transfer(Holder::Chain, account(c[0], 0), 1)).unwrap_err();
    assert!(matches!(former, Problem::NotAuthorised { .. }));
    let applications_only = Permissions { operations: Some(vec![]), ..Permissions::default() };
    world.operate(c[0], 3, Operation::ChangePermissions(applications_only)).unwrap();
    assert_eq!(
        world.operate(c[0], 3, transfer(Holder::Chain, account(c[0], 3), 1)).unwrap_err(),
        Problem::SystemOperation
    );
}

#[test]
fn credits_that_cannot_be_counted_are_refused_and_can_be_sent_back() {
    let (mut world, c) = World::new(2);
    world.operate(c[0], 0, transfer(Holder::Chain, Account::of_chain(c[1]), 1)).unwrap();
    let mut forged = world.next_bundle(c[1], BundleAction::Accept).unwrap();
    let Transaction::Receive(incoming) = &mut forged else { unreachable!("the next bundle is received") };
    let myceline_types::MessageContent::System(myceline_types::SystemMessage::Credit { amount, .. }) =
        &mut incoming.bundle.messages[0].content
    else {
        unreachable!("a transfer is a credit")
    };
    *amount = Amount::MAX;
    assert_eq!(world.block(c[1], 1, vec![forged.clone()]).unwrap_err(), Problem::Overflow { holder: Holder::Chain });
    let Transaction::Receive(incoming) = &mut forged else { unreachable!("the next bundle is received") };
    incoming.action = BundleAction::Reject;
    world.block(c[1], 1, vec![forged]).unwrap();
}

#[test]
fn fees_are_taken_from_the_chain_first_and_then_from_the_author() {
    let (mut world, c) = World::new(1);
    world.operate(c[0], 0, transfer(Holder::Chain, account(c[0], 0), 50)).unwrap();
    let supply = world.supply();
    world.policy.prices = Prices { operation: tokens(30), ..Prices::default() };
    let approve = Operation::Approve { spender: owner(9), amount: Amount::ZERO };
    world.operate(c[0], 0, approve.clone()).unwrap();
    assert_eq!((world.of(c[0]), world.balance(account(c[0], 0))), (tokens(20), tokens(50)));
    world.operate(c[0], 0, approve.clone()).unwrap();
    assert_eq!((world.of(c[0]), world.balance(account(c[0], 0))), (Amount::ZERO, tokens(40)));
    world.operate(c[0], 0, approve.clone()).unwrap();
    let poor = world.operate(c[0], 0, approve).unwrap_err();
    assert_eq!(poor, Problem::Balance { holder: of_owner(0), balance: tokens(10), needed: tokens(30) });
    assert_eq!(world.supply(), supply, "fees are counted, not lost");
    assert_eq!(world.billed, tokens(90), "what is shown is what was taken");
    world.operate(c[0], 0, Operation::CloseChain).unwrap();
}

#[test]
fn the_policys_limits_hold() {
    let (mut world, c) = World::new(1);
    world.policy.limits.transactions = 1;
    let one = || Transaction::Execute(Operation::Approve { spender: owner(9), amount: Amount::ZERO });
    let problem = world.block(c[0], 0, vec![one(), one()]).unwrap_err();
    assert_eq!(problem, Problem::Limit { what: "transactions", limit: 1 });
    world.policy.limits.messages = 0;
    let elsewhere = ChainId(Hash([7; 32]));
    let problem = world.operate(c[0], 0, transfer(Holder::Chain, Account::of_chain(elsewhere), 1)).unwrap_err();
    assert_eq!(problem, Problem::Limit { what: "messages", limit: 0 });
    assert_eq!(world.of(c[0]), tokens(100));
}

#[test]
fn what_this_version_does_not_do_is_refused_by_name() {
    let (mut world, c) = World::new(1);
    let adopt = Operation::Epoch(EpochOperation::Adopt { epoch: Epoch(1) });
    assert_eq!(world.operate(c[0], 0, adopt).unwrap_err(), Problem::Epochs);
}
