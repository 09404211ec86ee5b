//! Tokens on a network, on both engines at once.

use fungible::{FungibleAbi, Operation, Parameters, Supply};
use myceline_sdk::types::{Amount, Owner};
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};

/// A token of which the owner of this chain has a hundred there.
fn token(chain: &Chain) -> Application<FungibleAbi> {
    let module = chain.publish(&Module::current());
    let supply = Supply { accounts: [(chain.owner(), Amount::from_tokens(100))].into() };
    chain.create(module, &Parameters { ticker: "GLD".into() }, &supply)
}

fn balance(chain: &Chain, token: Application<FungibleAbi>, owner: Owner) -> String {
    let data = chain.graphql(token, &format!("{{ balance(owner: \"{owner}\") }}"));
    data["balance"].as_str().unwrap().to_string()
}

fn send(from: &Chain, to: &Chain, tokens: u64) -> Operation {
    Operation::Transfer { owner: from.owner(), amount: Amount::from_tokens(tokens), to: to.account_of(to.owner()) }
}

#[test]
fn tokens_travel_over_three_chains_and_back() {
    let network = Network::new();
    let [ann, bob, cho] = [network.chain(), network.chain(), network.chain()];
    let token = token(&ann);

    ann.call(token, &send(&ann, &bob, 60));
    assert_eq!(bob.receive(), Received { accepted: 1, rejected: 0 });
    bob.call(token, &send(&bob, &cho, 25));
    cho.receive();
    assert_eq!(balance(&ann, token, ann.owner()), "40");
    assert_eq!(balance(&bob, token, bob.owner()), "35");
    assert_eq!(balance(&cho, token, cho.owner()), "25");

    let mutation = format!(
        "mutation {{ transfer(owner: \"{}\", amount: \"25\", to: \"{}\") }}",
        cho.owner(),
        ann.account_of(ann.owner())
    );
    cho.graphql(token, &mutation);
    ann.receive();
    assert_eq!(balance(&ann, token, ann.owner()), "65");
    assert_eq!(balance(&cho, token, cho.owner()), "0");
}

#[test]
fn an_owner_claims_what_they_have_elsewhere() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let token = token(&ann);
    // Bob gets tokens on the chain of Ann.
    let to = ann.account_of(bob.owner());
    ann.call(token, &Operation::Transfer { owner: ann.owner(), amount: Amount::from_tokens(30), to });

    let (from, to) = (ann.account_of(bob.owner()), bob.account_of(bob.owner()));
    bob.call(token, &Operation::Claim { from, amount: Amount::from_tokens(20), to });
    assert_eq!(ann.receive(), Received { accepted: 1, rejected: 0 });
    assert_eq!(bob.receive(), Received { accepted: 1, rejected: 0 });
    assert_eq!(balance(&bob, token, bob.owner()), "20");
    assert_eq!(balance(&ann, token, bob.owner()), "10");

    // More than there is: the message is rejected, and nothing moves.
    bob.call(token, &Operation::Claim { from, amount: Amount::from_tokens(11), to });
    assert_eq!(ann.receive(), Received { accepted: 0, rejected: 1 });
    assert_eq!(balance(&ann, token, bob.owner()), "10");
}

#[test]
fn nobody_claims_what_belongs_to_others() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let token = token(&ann);
    let (from, to) = (ann.account_of(ann.owner()), bob.account_of(bob.owner()));
    let why = bob.fails(token, &Operation::Claim { from, amount: Amount::ONE, to });
    assert!(why.says("may act for"), "{why}");
}

#[test]
fn a_closed_chain_sends_tokens_back() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let token = token(&ann);
    bob.close();
    ann.call(token, &send(&ann, &bob, 60));
    assert_eq!(balance(&ann, token, ann.owner()), "40");
    assert_eq!(bob.receive(), Received { accepted: 0, rejected: 1 });
    ann.receive();
    assert_eq!(balance(&ann, token, ann.owner()), "100");
}

#[test]
fn a_spender_stays_within_the_allowance() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let token = token(&ann);
    let (owner, spender) = (ann.owner(), bob.owner());
    ann.call(token, &Operation::Approve { owner, spender, amount: Amount::from_tokens(5) });
    // Only who signs a block of this chain acts on it; somebody else is not the spender.
    let to = bob.account_of(spender);
    let why = ann.fails(token, &Operation::TransferFrom { owner, spender, amount: Amount::ONE, to });
    assert!(why.says("may act for"), "{why}");
    let data = ann.graphql(token, &format!("{{ allowance(owner: \"{owner}\", spender: \"{spender}\") }}"));
    assert_eq!(data["allowance"], "5");
}
