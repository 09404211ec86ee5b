//! Tokens of one kind each on a network, on both engines at once.

use myceline_sdk::types::Hash;
use myceline_sdk_testing::{Application, Chain, Module, Network, Received};
use non_fungible::{NonFungibleAbi, Operation};

/// Twelve kilobytes that stand for a picture.
fn picture() -> Vec<u8> {
    (0..12_000u32).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

/// Ann's tokens, and her first one.
fn minted(ann: &Chain) -> (Application<NonFungibleAbi>, Hash) {
    let tokens = ann.create(ann.publish(&Module::current()), &(), &());
    let image = ann.publish_data(picture()).hash;
    let token = ann.call(tokens, &Operation::Mint { minter: ann.owner(), name: "Moon".into(), image });
    (tokens, token.expect("minting gives a token"))
}

#[test]
fn a_token_travels_and_its_image_is_everywhere() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let (tokens, moon) = minted(&ann);
    ann.call(tokens, &Operation::Transfer { token: moon, to: bob.account_of(bob.owner()) });
    bob.receive();

    let query = format!("{{ tokens {{ id owner minter name }} image(id: \"{moon}\") }}");
    assert_eq!(ann.graphql(tokens, &query)["tokens"].as_array().unwrap().len(), 0);
    let data = bob.graphql(tokens, &query);
    assert_eq!(data["tokens"][0]["name"], "Moon");
    assert_eq!(data["tokens"][0]["owner"], bob.owner().to_string());
    assert_eq!(data["tokens"][0]["minter"], ann.owner().to_string());
    let hex: String = picture().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(data["image"], hex);
}

#[test]
fn an_owner_fetches_a_token_from_another_chain() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let (tokens, moon) = minted(&ann);
    // Bob's from now on, but on the chain of Ann.
    ann.call(tokens, &Operation::Transfer { token: moon, to: ann.account_of(bob.owner()) });
    let (from, to) = (ann.account_of(bob.owner()), bob.account_of(bob.owner()));
    bob.call(tokens, &Operation::Claim { from, token: moon, to });
    assert_eq!(ann.receive(), Received { accepted: 1, rejected: 0 });
    assert_eq!(bob.receive(), Received { accepted: 1, rejected: 0 });
    let owned = format!("{{ owned(owner: \"{}\") {{ id }} }}", bob.owner());
    assert_eq!(bob.graphql(tokens, &owned)["owned"][0]["id"], moon.to_string());
}

#[test]
fn a_token_that_nobody_takes_comes_back() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let (tokens, moon) = minted(&ann);
    bob.close();
    ann.call(tokens, &Operation::Transfer { token: moon, to: bob.account_of(bob.owner()) });
    assert_eq!(bob.receive(), Received { accepted: 0, rejected: 1 });
    ann.receive();
    let token = ann.graphql(tokens, &format!("{{ token(id: \"{moon}\") {{ owner }} }}"));
    assert_eq!(token["token"]["owner"], ann.owner().to_string());
}

#[test]
fn an_image_has_to_exist() {
    let network = Network::new();
    let ann = network.chain();
    let tokens: Application<NonFungibleAbi> = ann.create(ann.publish(&Module::current()), &(), &());
    let why = ann.fails(tokens, &Operation::Mint { minter: ann.owner(), name: "Void".into(), image: Hash([3; 32]) });
    assert!(why.says("blob"), "{why}");
}
