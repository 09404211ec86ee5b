//! How many exchanges it takes until a block is final: the table of the specification, counted on the wires of real clients.

use crate::kit::*;
use myceline_storage::Memory;
use myceline_types::{Account, Amount, ChainConfig, ChainId, Holder, Operation, Ownership, Transaction};

/// A client, and the ways to the validators that it uses.
fn client(net: &Net) -> (TestClient, Vec<Wire>) {
    let wires = net.wires();
    (net.client_over(Memory::new(), wires.clone(), &["ann"]), wires)
}

/// Blocks made before the fewest exchanges count: on a busy machine a validator may be late for any single one.
const TRIES: u8 = 12;

/// Makes blocks one after the other, and says how many exchanges the quickest took.
async fn exchanges(client: &TestClient, wires: &[Wire], from: ChainId, to: ChainId, first: u8) -> u64 {
    let count = || wires.iter().map(Wire::exchanges).max().unwrap();
    let mut fewest = u64::MAX;
    for id in first..first + TRIES {
        let before = count();
        let paying = vec![Transaction::Execute(Operation::Transfer {
            from: Holder::Chain,
            to: Account::of_chain(to),
            amount: Amount(id.into()),
        })];
        let submission = client.submit(from, request(id), paying, Vec::new()).await.unwrap();
        submission.finality().await.unwrap();
        fewest = fewest.min(count() - before);
    }
    fewest
}

#[tokio::test]
async fn a_fast_owner_needs_one_exchange_or_with_a_silent_validator_two() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, wires) = client(&net);
    assert_eq!(exchanges(&ann, &wires, net.chain(0), net.chain(1), 1).await, 1);
    wires[2].set(Link::Down);
    assert_eq!(exchanges(&ann, &wires, net.chain(0), net.chain(1), 1 + TRIES).await, 2);
}

#[tokio::test]
async fn a_chain_without_a_fast_owner_needs_two_exchanges() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, wires) = client(&net);
    let config = ChainConfig { ownership: Ownership::single(owner("ann")), ..chain_config(owner("ann"), 10) };
    let open = vec![Transaction::Execute(Operation::OpenChain(Box::new(config)))];
    let opening = ann.submit(net.chain(0), request(1), open, Vec::new()).await.unwrap();
    let [child] = opening.finality().await.unwrap().opened()[..] else { panic!("one chain was opened") };
    assert_eq!(exchanges(&ann, &wires, child, net.chain(1), 1).await, 2);
}
