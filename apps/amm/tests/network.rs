//! The exchange on a chain of its own, used from others, on both engines at once.

use amm::{AmmAbi, Operation, Parameters};
use fungible::{FungibleAbi, Supply};
use myceline_sdk::types::{Amount, ModuleId};
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};

/// Whoever runs the exchange makes the blocks of its chain; Ann and Bob have a thousand of each token on theirs.
struct Story {
    home: Chain,
    ann: Chain,
    bob: Chain,
    tokens: [Application<FungibleAbi>; 2],
    amm: Application<AmmAbi>,
}

impl Story {
    fn begin() -> Story {
        let network = Network::new();
        let [home, ann, bob] = [network.chain(), network.chain(), network.chain()];
        let module = home.publish(&Module::build("fungible"));
        let tokens = [token(&home, module, "GLD", [&ann, &bob]), token(&home, module, "SLV", [&ann, &bob])];
        let parameters = Parameters { tokens: tokens.map(Application::id) };
        let amm = home.create(home.publish(&Module::current()), &parameters, &());
        Story { home, ann, bob, tokens, amm }
    }

    fn has(&self, chain: &Chain, token: usize) -> Amount {
        chain.call(self.tokens[token], &fungible::Operation::Balance { owner: chain.owner() })
    }
}

fn token(home: &Chain, module: ModuleId, ticker: &str, people: [&Chain; 2]) -> Application<FungibleAbi> {
    let amount = Amount::from_tokens(1_000);
    let supply = Supply { accounts: [(home.owner(), Amount::from_tokens(2_000))].into() };
    let token: Application<FungibleAbi> = home.create(module, &fungible::Parameters { ticker: ticker.into() }, &supply);
    for person in people {
        let to = person.account_of(person.owner());
        home.call(token, &fungible::Operation::Transfer { owner: home.owner(), amount, to });
        person.receive();
    }
    token
}

fn deposit(chain: &Chain, first: u64, second: u64) -> Operation {
    let (first, second) = (Amount::from_tokens(first), Amount::from_tokens(second));
    Operation::Deposit { owner: chain.owner(), first, second }
}

#[test]
fn deposits_swaps_and_withdrawals_from_other_chains() {
    let story = Story::begin();
    let Story { home, ann, bob, amm, .. } = &story;
    ann.call(*amm, &deposit(ann, 100, 400));
    assert_eq!(home.receive(), Received { accepted: 1, rejected: 0 });

    let quote = home.graphql(*amm, "{ quote(give: 0, amount: \"25\") }")["quote"].as_str().unwrap().to_string();
    let quote: Amount = quote.parse().unwrap();
    assert!(quote > Amount::from_tokens(79) && quote < Amount::from_tokens(80), "{quote}");
    let swap = Operation::Swap { owner: bob.owner(), give: 0, amount: Amount::from_tokens(25), at_least: quote };
    bob.call(*amm, &swap);
    home.receive();
    bob.receive();
    assert_eq!(story.has(bob, 0), Amount::from_tokens(975));
    assert_eq!(story.has(bob, 1), Amount::from_tokens(1_000).checked_add(quote).unwrap());

    // The price has moved: the same again gives less, and Bob's tokens come back.
    bob.call(*amm, &swap);
    assert_eq!(home.receive(), Received { accepted: 0, rejected: 1 });
    bob.receive();
    assert_eq!(story.has(bob, 0), Amount::from_tokens(975));

    // All shares are Ann's: she gets everything, Bob's fee included.
    ann.call(*amm, &Operation::Withdraw { owner: ann.owner(), shares: Amount::from_tokens(100) });
    home.receive();
    ann.receive();
    assert_eq!(story.has(ann, 0), Amount::from_tokens(1_025));
    assert_eq!(story.has(ann, 1), Amount::from_tokens(1_000).checked_sub(quote).unwrap());
    assert_eq!(home.graphql(*amm, "{ totalShares }")["totalShares"], "0");
}

#[test]
fn what_is_out_of_proportion_comes_back() {
    let story = Story::begin();
    let Story { home, ann, bob, amm, .. } = &story;
    ann.call(*amm, &deposit(ann, 100, 400));
    bob.call(*amm, &deposit(bob, 50, 100));
    assert_eq!(home.receive(), Received { accepted: 2, rejected: 0 });
    bob.receive();
    assert_eq!((story.has(bob, 0), story.has(bob, 1)), (Amount::from_tokens(975), Amount::from_tokens(900)));
    let shares = home.graphql(*amm, &format!("{{ shares(owner: \"{}\") }}", bob.owner()));
    assert_eq!(shares["shares"], "25");
}

#[test]
fn nobody_withdraws_shares_of_others() {
    let story = Story::begin();
    let Story { home, ann, bob, amm, .. } = &story;
    ann.call(*amm, &deposit(ann, 100, 400));
    home.receive();
    let why = bob.fails(*amm, &Operation::Withdraw { owner: ann.owner(), shares: Amount::ONE });
    assert!(why.says("may act for"), "{why}");
}
