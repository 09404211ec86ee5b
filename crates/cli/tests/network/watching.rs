//! `myceline watch`: it tells what happens, and is in nobody's way, nor is anybody in its way.

use super::kit::{Going, Net};
use serde_json::{Value, json};

/// Reads on until a chain is said to have its block of a height. Gives what was said before.
fn until_block(watch: &mut Going, chain: &str, height: u64) -> Vec<Value> {
    let awaited = json!({ "event": "block", "chain": chain, "height": height });
    std::iter::repeat_with(|| watch.next()).take_while(|told| *told != awaited).collect()
}

#[test]
fn other_commands_work_while_a_wallet_is_watched() {
    let net = Net::up();
    let mut watch = Going::start(net.bank.command(&["watch"]));
    assert_eq!(watch.told, json!({ "event": "watching", "chains": [net.bank_chain] }));
    let opened = net.bank.does(&["chain", "open", "--balance", "3"]);
    let chain = opened["chain"].as_str().unwrap();
    net.bank.does(&["transfer", "2", "--to", chain]);
    net.bank.does(&["transfer", "2", "--to", chain]);
    for height in 0..3 {
        assert_eq!(until_block(&mut watch, &net.bank_chain, height), [Value::Null; 0], "each block, in order");
    }
    assert_eq!(net.bank.fails(&["keygen", "--insecure-plaintext"]), "busy", "some want the wallet for themselves");
    drop(watch);
    net.bank.does(&["sync"]);
    assert_eq!(net.bank.tokens(chain), "7");
}

#[test]
fn what_happens_is_told_through_a_service_that_holds_the_wallet() {
    let net = Net::up();
    let opened = net.bank.does(&["chain", "open", "--name", "savings"]);
    let savings = opened["chain"].as_str().unwrap();
    let service = Going::start(net.bank.command(&["service", "--port", "0", "--manual-inboxes"]));
    let mut watch = Going::start(net.bank.command(&["watch"]));
    net.bank.does(&["transfer", "5", "--to", "savings"]);
    let bundle = watch_for(&mut watch, "bundle");
    assert_eq!((&bundle["chain"], &bundle["origin"]), (&savings.into(), &net.bank_chain.as_str().into()));
    drop(watch);

    // The service leaves what waits; whoever watches may want to have it taken in.
    let mut watch = Going::start(net.bank.command(&["watch", "--receive", "--chain", "savings"]));
    net.bank.does(&["transfer", "5", "--to", "savings"]);
    until_block(&mut watch, savings, 0);
    assert_eq!(net.bank.tokens("savings"), "10");
    drop((watch, service));
}

fn watch_for(watch: &mut Going, event: &str) -> Value {
    std::iter::repeat_with(|| watch.next()).find(|told| told["event"] == event).unwrap()
}
