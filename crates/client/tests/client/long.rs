//! Contracts that take long: other chains go on meanwhile, here and at validators. Whoever toils waits for a gate, so if anybody
//! else waited for them these stories would not end.

use crate::{
    kit::*,
    puppet::{self, Gate, Puppets, Strings, call, create, make, notes, operation},
};
use myceline_client::{Options, SubmitError};
use myceline_node::{Offline, Problem};
use myceline_storage::Memory;
use myceline_types::{Limits, Opaque, Policy, guest};
use std::{sync::Arc, time::Duration};

fn toil() -> Strings {
    Strings::default().toil().ask::<guest::Put>((Opaque(b"done".to_vec()), Some(Opaque(vec![1]))))
}

fn client_behind(net: &Net, gate: &Arc<Gate>) -> TestClient {
    let options = Options { engine: Arc::new(Puppets::behind(gate)), ..Options::default() };
    net.client_with(Memory::new(), net.wires(), &["ann", "bob"], options)
}

/// Toils on the first chain behind a gate that opens when the second chain has made three blocks.
async fn toil_beside_transfers(net: &Net, client: &TestClient, gate: &Gate) {
    let (chain, other) = (net.chain(0), net.chain(1));
    let application = create(client, chain).await;
    let toiling = {
        let client = client.clone();
        tokio::spawn(async move { make(&client, chain, 1, vec![operation(application, &toil())], Vec::new()).await })
    };
    // The worker that it falls to has it before the transfers.
    tokio::task::yield_now().await;
    for id in 2..5 {
        in_time(make(client, other, id, transfer(chain, 1), Vec::new())).await.unwrap();
    }
    assert!(!toiling.is_finished());
    gate.open();
    in_time(toiling).await.unwrap().unwrap();
    assert_eq!(notes(client, chain, application).await, [(b"done".to_vec(), vec![1])]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_that_takes_long_at_its_owner_holds_no_other_chain_of_the_wallet_up() {
    let (net, gate) = (puppet::net(&["ann", "bob"]), Arc::default());
    let client = client_behind(&net, &gate);
    toil_beside_transfers(&net, &client, &gate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_that_takes_long_at_validators_holds_nobody_else_up() {
    let gate = Arc::default();
    let net = puppet::net_with(&["ann", "bob"], Policy::default(), &gate, |_| Arc::new(Offline));
    let client = client_behind(&net, &Gate::opened());
    toil_beside_transfers(&net, &client, &gate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validators_that_execute_for_longer_than_a_call_may_take_are_asked_again() {
    let gate = Arc::default();
    let net = puppet::net_with(&["ann"], Policy::default(), &gate, |_| Arc::new(Offline));
    let (wires, chain) = (net.wires(), net.chain(0));
    let options = Options { engine: Arc::new(Puppets::behind(&Gate::opened())), ..Options::default() };
    let client = net.client_with(Memory::new(), wires.clone(), &["ann"], options);
    let application = create(&client, chain).await;
    wires.iter().for_each(|wire| wire.set(Link::Hasty));
    let asked = || wires.iter().map(Wire::exchanges).sum::<u64>();
    let before = asked();
    let toiling = {
        let client = client.clone();
        tokio::spawn(async move { make(&client, chain, 1, vec![operation(application, &toil())], Vec::new()).await })
    };
    let all_were_asked_thrice = async {
        while asked() < before + 12 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    in_time(all_were_asked_thrice).await;
    assert!(!toiling.is_finished());
    gate.open();
    in_time(toiling).await.unwrap().unwrap();
    assert_eq!(notes(&client, chain, application).await, [(b"done".to_vec(), vec![1])]);
}

#[tokio::test]
async fn a_contract_without_end_is_stopped_by_the_limit_of_fuel() {
    let policy = Policy { limits: Limits { fuel: 9_000_000, ..Limits::default() }, ..Policy::default() };
    let net = puppet::net_with(&["ann", "bob"], policy, &Arc::default(), |_| Arc::new(Offline));
    let client = puppet::client(&net, &["ann"]);
    let application = create(&client, net.chain(0)).await;
    let refused = call(&client, net.chain(0), 1, application, toil()).await.unwrap_err();
    let problem = Problem::Limit { what: "fuel", limit: 9_000_000 };
    assert_eq!(refused, SubmitError::Fails { index: 0, problem });
}
