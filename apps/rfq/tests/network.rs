//! A quote and a swap over a temporary chain, on both engines at once.

use fungible::{FungibleAbi, Supply};
use myceline_sdk::types::{Amount, Holder, ModuleId, Owner};
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};
use rfq::{Operation, RfqAbi, Tokens};

/// Ann has gold and asks Bob, who has silver, for a price.
struct Story {
    ann: Chain,
    bob: Chain,
    gold: Application<FungibleAbi>,
    silver: Application<FungibleAbi>,
    rfq: Application<RfqAbi>,
}

fn token(chain: &Chain, module: ModuleId, ticker: &str) -> Application<FungibleAbi> {
    let supply = Supply { accounts: [(chain.owner(), Amount::from_tokens(1_000))].into() };
    chain.create(module, &fungible::Parameters { ticker: ticker.into() }, &supply)
}

impl Story {
    fn begin() -> Story {
        let network = Network::new();
        let (ann, bob) = (network.chain(), network.chain());
        let module = ann.publish(&Module::build("fungible"));
        let (gold, silver) = (token(&ann, module, "GLD"), token(&bob, module, "SLV"));
        let rfq: Application<RfqAbi> = ann.create(ann.publish(&Module::current()), &(), &());
        let purse = ann.account_of(Owner::Application(rfq.id()));
        ann.transfer(Holder::Chain, purse, Amount::from_tokens(10));
        Story { ann, bob, gold, silver, rfq }
    }

    /// Ann offers five of gold, and Bob would give seventy of silver.
    fn agree(&self) {
        let Story { ann, bob, gold, silver, rfq } = self;
        let sell = Tokens { token: gold.id(), amount: Amount::from_tokens(5) };
        ann.call(*rfq, &Operation::Ask { owner: ann.owner(), of: bob.id(), sell, buy: silver.id() });
        bob.receive();
        let amount = Amount::from_tokens(70);
        bob.call(*rfq, &Operation::Quote { owner: bob.owner(), from: ann.id(), number: 0, amount });
        ann.receive();
    }

    fn wealth(&self, chain: &Chain) -> [Amount; 2] {
        let balance = fungible::Operation::Balance { owner: chain.owner() };
        [chain.call(self.gold, &balance), chain.call(self.silver, &balance)]
    }
}

fn tokens(gold: u64, silver: u64) -> [Amount; 2] {
    [Amount::from_tokens(gold), Amount::from_tokens(silver)]
}

const ACCEPT: Operation = Operation::Accept { number: 0, balance: Amount::from_tokens(10) };

#[test]
fn tokens_change_hands_and_the_chain_closes() {
    let story = Story::begin();
    story.agree();
    let Story { ann, bob, rfq, .. } = &story;
    let exchange = ann.call(*rfq, &ACCEPT).expect("accepting opens a chain");
    bob.receive();
    let invited = bob.graphql(*rfq, "{ invitations { exchange brings { amount } } }");
    assert_eq!(invited["invitations"][0]["exchange"], exchange.to_string());
    bob.call(*rfq, &Operation::Settle { exchange });

    let exchange = bob.at(exchange);
    assert_eq!(exchange.receive().rejected, 0);
    assert!(exchange.is_closed());
    ann.receive();
    bob.receive();
    assert_eq!(story.wealth(ann), tokens(995, 70));
    assert_eq!(story.wealth(bob), tokens(5, 930));
}

#[test]
fn either_side_withdraws_until_both_are_there() {
    let story = Story::begin();
    story.agree();
    let Story { ann, bob, rfq, .. } = &story;
    let exchange = ann.call(*rfq, &ACCEPT).expect("accepting opens a chain");
    bob.receive();
    let exchange = ann.at(exchange);
    exchange.receive();
    exchange.call(*rfq, &Operation::Withdraw);
    assert!(exchange.is_closed());
    ann.receive();
    assert_eq!(story.wealth(ann), tokens(1_000, 0));

    // Bob comes too late, and his silver comes back.
    bob.call(*rfq, &Operation::Settle { exchange: exchange.id() });
    assert_eq!(exchange.receive(), Received { accepted: 0, rejected: 1 });
    bob.receive();
    assert_eq!(story.wealth(bob), tokens(0, 1_000));
}

#[test]
fn there_is_no_swap_without_an_answer() {
    let story = Story::begin();
    let Story { ann, bob, gold, silver, rfq } = &story;
    let sell = Tokens { token: gold.id(), amount: Amount::ONE };
    ann.call(*rfq, &Operation::Ask { owner: ann.owner(), of: bob.id(), sell, buy: silver.id() });
    let why = ann.fails(*rfq, &ACCEPT);
    assert!(why.says("nobody has answered yet"), "{why}");
}
