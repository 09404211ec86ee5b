//! Followed chains: news, bundles received at once, and a validator that goes away.

use crate::kit::*;
use myceline_client::{Incoming, News};
use myceline_storage::Memory;
use myceline_types::{BlockHeight, ChainId};
use std::time::Duration;

/// Waits until a client has seen so many tokens on a chain.
async fn reaches(client: &TestClient, chain: ChainId, expected: u64) {
    in_time(async {
        while tokens(client, chain).await != expected {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn bundles_for_followed_chains_are_received_at_once() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, bob) = (net.client(&["ann"]), net.client(&["bob"]));
    let mut following = bob.follow(vec![net.chain(1)], Incoming::Receive);
    for id in 1..=3 {
        let sent = ann.submit(net.chain(0), request(id), transfer(net.chain(1), 2), Vec::new()).await.unwrap();
        sent.finality().await.unwrap();
        reaches(&bob, net.chain(1), 1000 + 2 * u64::from(id)).await;
    }
    let mut received = Vec::new();
    while received.len() < 3 {
        if let News::Received { chain, height } = in_time(following.next()).await.unwrap() {
            received.push((chain, height));
        }
    }
    assert_eq!(received, [0, 1, 2].map(|height| (net.chain(1), BlockHeight(height))));
}

#[tokio::test]
async fn another_device_reads_the_blocks_that_it_is_told_of() {
    let net = Net::start(&["ann", "bob"]);
    let (phone, laptop) = (net.client(&["ann"]), net.client(&["ann"]));
    let mut following = laptop.follow(vec![net.chain(0)], Incoming::Leave);
    let sent = phone.submit(net.chain(0), request(1), transfer(net.chain(1), 2), Vec::new()).await.unwrap();
    sent.finality().await.unwrap();
    reaches(&laptop, net.chain(0), 998).await;
    drop(phone);
    let sent = laptop.submit(net.chain(0), request(2), transfer(net.chain(1), 2), Vec::new()).await.unwrap();
    sent.finality().await.unwrap();
    loop {
        let news = in_time(following.next()).await.unwrap();
        if news == (News::Block { chain: net.chain(0), height: BlockHeight(1) }) {
            break;
        }
    }
}

#[tokio::test]
async fn when_a_validator_cannot_be_followed_another_one_is() {
    let net = Net::start(&["ann", "bob"]);
    let wires = net.wires();
    let (ann, bob) = (net.client(&["ann"]), net.client_over(Memory::new(), wires.clone(), &["bob"]));
    wires[0].set(Link::Down);
    wires[1].set(Link::Down);
    let following = bob.follow(vec![net.chain(1)], Incoming::Leave);
    let sent = ann.submit(net.chain(0), request(1), transfer(net.chain(1), 2), Vec::new()).await.unwrap();
    sent.finality().await.unwrap();
    let mut following = following;
    let news = in_time(following.next()).await.unwrap();
    assert!(matches!(news, News::Bundle { chain, .. } if chain == net.chain(1)), "{news:?}");
}
