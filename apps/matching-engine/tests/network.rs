//! A market on a temporary chain, on both engines at once.

use fungible::{FungibleAbi, Supply};
use matching_engine::{MatchingAbi, Operation, Parameters, Side};
use myceline_sdk::types::{Account, Amount, ChainId, Holder, ModuleId, Owner};
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};

/// Ann has gold and Bob has silver, each on their own chain; Kim keeps the market.
struct Story {
    ann: Chain,
    bob: Chain,
    market: Chain,
    gold: Application<FungibleAbi>,
    silver: Application<FungibleAbi>,
    engine: Application<MatchingAbi>,
}

fn token(chain: &Chain, module: ModuleId, ticker: &str) -> Application<FungibleAbi> {
    let supply = Supply { accounts: [(chain.owner(), Amount::from_tokens(1_000))].into() };
    chain.create(module, &fungible::Parameters { ticker: ticker.into() }, &supply)
}

impl Story {
    fn begin() -> Story {
        let network = Network::new();
        let [ann, bob, kim] = [network.chain(), network.chain(), network.chain()];
        let module = ann.publish(&Module::build("fungible"));
        let (gold, silver) = (token(&ann, module, "GLD"), token(&bob, module, "SLV"));
        let parameters = Parameters { base: gold.id(), quote: silver.id() };
        let engine: Application<MatchingAbi> = kim.create(kim.publish(&Module::current()), &parameters, &());
        // The engine opens chains at its own expense.
        let purse = kim.account_of(Owner::Application(engine.id()));
        kim.transfer(Holder::Chain, purse, Amount::from_tokens(10));
        let open = Operation::Open { keepers: vec![kim.owner()], balance: Amount::from_tokens(10) };
        let market = kim.call(engine, &open).expect("opening gives a chain");
        Story { market: kim.at(market), ann, bob, gold, silver, engine }
    }

    fn order(&self, from: &Chain, side: Side, price: u64, tokens: u64) {
        let (market, owner, quantity) = (self.market.id(), from.owner(), Amount::from_tokens(tokens));
        from.call(self.engine, &Operation::Submit { market, owner, side, price, quantity });
    }

    /// What somebody has of gold and silver on their chain.
    fn wealth(&self, chain: &Chain) -> [Amount; 2] {
        let balance = fungible::Operation::Balance { owner: chain.owner() };
        [chain.call(self.gold, &balance), chain.call(self.silver, &balance)]
    }
}

fn tokens(gold: u64, silver: u64) -> [Amount; 2] {
    [Amount::from_tokens(gold), Amount::from_tokens(silver)]
}

#[test]
fn orders_meet_and_what_is_bought_goes_home() {
    let story = Story::begin();
    let Story { ann, bob, market, engine, .. } = &story;
    story.order(ann, Side::Sell, 3, 40);
    story.order(ann, Side::Sell, 5, 40);
    assert_eq!(market.receive(), Received { accepted: 2, rejected: 0 });
    story.order(bob, Side::Buy, 4, 50);
    market.receive();
    ann.receive();
    bob.receive();
    // Forty at three; what Bob had set aside for a price of four comes back, and ten are still wanted at four.
    assert_eq!(story.wealth(ann), tokens(920, 120));
    assert_eq!(story.wealth(bob), tokens(40, 1_000 - 200 + 40));
    let data = market.graphql(*engine, "{ bids { price left } asks { price left } trades { price quantity } }");
    let expected = serde_json::json!({
        "bids": [{ "price": 4, "left": "10" }],
        "asks": [{ "price": 5, "left": "40" }],
        "trades": [{ "price": 3, "quantity": "40" }],
    });
    assert_eq!(data, expected);
}

#[test]
fn the_market_pays_back_and_closes_itself() {
    let story = Story::begin();
    let Story { ann, bob, market, engine, .. } = &story;
    story.order(ann, Side::Sell, 5, 40);
    story.order(bob, Side::Buy, 4, 50);
    market.receive();
    market.call(*engine, &Operation::Close);
    assert!(market.is_closed());
    ann.receive();
    bob.receive();
    assert_eq!(story.wealth(ann), tokens(1_000, 0));
    assert_eq!(story.wealth(bob), tokens(0, 1_000));

    // An order that comes too late is rejected with its tokens.
    story.order(ann, Side::Sell, 5, 40);
    assert_eq!(market.receive(), Received { accepted: 0, rejected: 1 });
    ann.receive();
    assert_eq!(story.wealth(ann), tokens(1_000, 0));
}

#[test]
fn an_order_is_cancelled_by_its_owner_only() {
    let story = Story::begin();
    let Story { ann, bob, market, engine, .. } = &story;
    story.order(ann, Side::Sell, 5, 40);
    market.receive();
    let cancel = |owner| Operation::Cancel { market: market.id(), owner, order: 0 };
    bob.call(*engine, &cancel(ann.owner()));
    assert_eq!(market.receive(), Received { accepted: 0, rejected: 1 });
    ann.call(*engine, &cancel(ann.owner()));
    assert_eq!(market.receive(), Received { accepted: 1, rejected: 0 });
    ann.receive();
    assert_eq!(story.wealth(ann), tokens(1_000, 0));
}

#[test]
fn the_market_does_nothing_but_trade() {
    let story = Story::begin();
    let Story { ann, market, .. } = &story;
    let stolen = Account { chain: ann.id(), holder: Holder::Chain };
    let transfer = myceline_sdk::types::Operation::Transfer { from: Holder::Chain, to: stolen, amount: Amount::ONE };
    let why = market.try_make("theft", vec![transfer], Vec::new()).unwrap_err();
    assert!(why.says("operations of its applications only"), "{why}");
    let elsewhere: ChainId = market.id();
    assert_ne!(elsewhere, ann.id());
}
