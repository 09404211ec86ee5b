//! The counter on a network, on both engines at once.

use counter::{CounterAbi, Operation};
use myceline_sdk_testing::{Application, Module, Network};
use std::time::Duration;

#[test]
fn it_counts_on_every_chain_by_itself() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let module = ann.publish(&Module::current());
    let counter: Application<CounterAbi> = ann.create(module, &(), &5u64);

    assert_eq!(ann.call(counter, &Operation::Increment { by: 37 }), 42);
    assert_eq!(bob.call(counter, &Operation::Increment { by: 1 }), 1);
    ann.graphql(counter, "mutation { increment(by: 8) }");
    assert_eq!(ann.graphql(counter, "{ value }")["value"], 50);
    assert_eq!(bob.graphql(counter, "{ value }")["value"], 1);
}

#[test]
fn a_panic_arrives_with_its_place() {
    let network = Network::new();
    let ann = network.chain();
    let counter: Application<CounterAbi> = ann.create(ann.publish(&Module::current()), &(), &u64::MAX);
    let why = ann.fails(counter, &Operation::Increment { by: 1 });
    assert!(why.says("the number fits in 64 bits") && why.says("contract.rs:"), "{why}");
}

#[test]
fn a_network_goes_back_to_where_it_was() {
    let network = Network::new();
    let ann = network.chain();
    let counter: Application<CounterAbi> = ann.create(ann.publish(&Module::current()), &(), &0u64);
    let (before, then) = (network.snapshot(), network.now());
    network.advance(Duration::from_secs(1_000));
    for _ in 0..3 {
        ann.call(counter, &Operation::Increment { by: 1 });
    }
    assert_eq!(ann.graphql(counter, "{ value }")["value"], 3);

    network.revert(&before);
    assert_eq!(ann.graphql(counter, "{ value }")["value"], 0);
    assert_eq!(ann.call(counter, &Operation::Increment { by: 9 }), 9);
    assert!(network.now().since(then).as_duration() < Duration::from_secs(1_000), "time was put back too");
}

#[test]
fn what_a_call_costs_is_what_the_chain_pays() {
    let network = Network::new();
    let ann = network.chain();
    let module = ann.publish(&Module::current());
    let counter: Application<CounterAbi> = ann.create(module, &(), &0u64);
    ann.call(counter, &Operation::Increment { by: 1 });
    let fees = network.fees();
    let what: Vec<_> = fees.entries.iter().map(|entry| entry.what).collect();
    assert_eq!(what, ["publish", "create", "call"]);
    assert!(fees.fuel() > 0 && fees.entries[2].cost.used.written_bytes > 0, "{fees}");
    let paid =
        myceline_sdk::types::Amount::from_tokens(1_000).saturating_sub(ann.balance(myceline_sdk::types::Holder::Chain));
    assert_eq!(paid, fees.total(), "{fees}");
}
