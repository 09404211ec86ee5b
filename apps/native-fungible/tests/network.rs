//! The native token as a fungible one, on both engines at once.

use myceline_sdk::types::{Amount, Holder};
use myceline_sdk_testing::{Application, Module, Network};
use native_fungible::{NativeFungibleAbi, Operation, Parameters, Supply};

#[test]
fn it_is_the_same_money() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let supply = Supply { accounts: [(ann.owner(), Amount::from_tokens(50))].into() };
    let parameters = Parameters { ticker: "MYC".into() };
    let native: Application<NativeFungibleAbi> = ann.create(ann.publish(&Module::current()), &parameters, &supply);
    assert_eq!(ann.balance(Holder::Owner(ann.owner())), Amount::from_tokens(50));

    let to = bob.account_of(bob.owner());
    let left = ann.call(native, &Operation::Transfer { owner: ann.owner(), amount: Amount::from_tokens(20), to });
    assert_eq!(left, Amount::from_tokens(30));
    bob.receive();
    assert_eq!(bob.balance(Holder::Owner(bob.owner())), Amount::from_tokens(20));
    let data = bob.graphql(native, "{ ticker balances { amount } }");
    assert_eq!(data["ticker"], "MYC");
    assert_eq!(data["balances"][0]["amount"], "20");
}

#[test]
fn it_is_claimed_from_another_chain() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let supply = Supply { accounts: [(bob.owner(), Amount::from_tokens(9))].into() };
    let parameters = Parameters { ticker: "MYC".into() };
    let native: Application<NativeFungibleAbi> = ann.create(ann.publish(&Module::current()), &parameters, &supply);

    let (from, to) = (ann.account_of(bob.owner()), bob.account_of(bob.owner()));
    bob.call(native, &Operation::Claim { from, amount: Amount::from_tokens(4), to });
    ann.receive();
    bob.receive();
    assert_eq!(bob.balance(Holder::Owner(bob.owner())), Amount::from_tokens(4));
    assert_eq!(ann.balance(Holder::Owner(bob.owner())), Amount::from_tokens(5));
}

#[test]
fn nobody_spends_what_belongs_to_others() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let supply = Supply { accounts: [(bob.owner(), Amount::from_tokens(9))].into() };
    let parameters = Parameters { ticker: "MYC".into() };
    let native: Application<NativeFungibleAbi> = ann.create(ann.publish(&Module::current()), &parameters, &supply);
    let to = ann.account_of(ann.owner());
    let why = ann.fails(native, &Operation::Transfer { owner: bob.owner(), amount: Amount::ONE, to });
    assert!(why.says("may not act for"), "{why}");
}
