//! Measures what a contract of five seconds costs the transfers of another chain, with real validators in this process.

#![allow(dead_code, reason = "the kit of the tests serves others too")]
#![allow(clippy::unwrap_used, reason = "a measurement stops at what must not happen")]

#[path = "../tests/client/kit.rs"]
mod kit;
#[path = "../tests/client/puppet.rs"]
mod puppet;

use kit::{TestClient, transfer_of};
use myceline_client::{Options, RequestId};
use myceline_node::Offline;
use myceline_storage::Memory;
use myceline_types::{ChainId, Policy};
use puppet::{Gate, Puppets, Strings, create, make, operation};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long the contract works, and for how long transfers are made without it.
const CONTRACT: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(10);

/// How long transfers of one chain took, made one after the other, in milliseconds.
struct Took {
    p50: f64,
    p99: f64,
}

async fn transfers(
    client: &TestClient,
    run: u8,
    (from, to): (ChainId, ChainId),
    mut goes_on: impl FnMut() -> bool,
) -> Took {
    let mut took = Vec::new();
    while goes_on() {
        let number = u128::try_from(took.len()).unwrap() + (u128::from(run) << 64);
        let begun = Instant::now();
        let id = RequestId(number.to_be_bytes());
        let sent = client.submit(from, id, transfer_of(to, 1), Vec::new()).await.unwrap();
        sent.finality().await.unwrap();
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    Took { p50: took[took.len() / 2], p99: took[took.len() * 99 / 100] }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let gate = Gate::working(CONTRACT);
    let net = puppet::net_with(&["ann", "bob"], Policy::default(), &gate, |_| Arc::new(Offline));
    let options = Options { engine: Arc::new(Puppets::behind(&gate)), ..Options::default() };
    let client = net.client_with(Memory::new(), net.wires(), &["ann", "bob"], options);
    let (chain, other) = (net.chain(0), net.chain(1));
    let application = create(&client, chain).await;
    let begun = Instant::now();
    let idle = transfers(&client, 1, (other, chain), || begun.elapsed() < IDLE).await;
    let toiling = {
        let (client, toil) = (client.clone(), operation(application, &Strings::default().toil()));
        tokio::spawn(async move { make(&client, chain, 1, vec![toil], Vec::new()).await })
    };
    let beside = transfers(&client, 2, (other, chain), || !toiling.is_finished()).await;
    toiling.await.unwrap().unwrap();
    println!("idle   p50 {:.2} ms, p99 {:.2} ms", idle.p50, idle.p99);
    println!("beside p50 {:.2} ms, p99 {:.2} ms", beside.p50, beside.p99);
}
