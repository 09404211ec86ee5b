//! The checker on a network, on both engines at once, with small numbers: the interpreter takes its time.

use heavy::{HeavyAbi, Operation};
use myceline_sdk_testing::{Application, Module, Network};

#[test]
fn everybody_finds_the_same_with_the_same_fuel() {
    let network = Network::new();
    let ann = network.chain();
    let heavy: Application<HeavyAbi> = ann.create(ann.publish(&Module::current()), &(), &());
    assert!(ann.call(heavy, &Operation::Check { exponent: 521 }));
    assert!(!ann.call(heavy, &Operation::Check { exponent: 523 }));
    // What is known costs next to nothing.
    assert!(ann.call(heavy, &Operation::Check { exponent: 521 }));

    let fees = network.fees();
    let fuel: Vec<u64> = fees.entries[2..].iter().map(|entry| entry.cost.used.fuel).collect();
    assert!(fuel[0] > 1_000_000 && fuel[1] > 1_000_000 && fuel[2] < 100_000, "{fuel:?}");
    assert_eq!(ann.graphql(heavy, "{ found { exponent } }")["found"].as_array().unwrap().len(), 2);
}
