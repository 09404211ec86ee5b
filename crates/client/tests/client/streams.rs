//! Event streams: what a chain emits, applications of other chains look at, in order and without a gap.

use crate::{
    kit::*,
    puppet::{self, Strings, call, create, notes},
};
use myceline_client::{Incoming, MessagePolicy};
use myceline_storage::Memory;
use myceline_types::{ApplicationId, ChainId, Opaque, StreamId, guest};
use std::time::Duration;

fn feed(application: ApplicationId) -> StreamId {
    StreamId { application, name: Opaque(b"feed".to_vec()) }
}

/// Emits so many events in one block, which say their numbers.
fn emit(numbers: std::ops::Range<u8>) -> Strings {
    numbers.fold(Strings::default(), |strings, number| {
        strings.ask::<guest::Emit>((Opaque(b"feed".to_vec()), Opaque(vec![number])))
    })
}

fn subscribe(chain: ChainId, application: ApplicationId, from: u32) -> Strings {
    Strings::default().ask::<guest::Subscribe>((chain, feed(application), from))
}

/// The events that the application has looked at on a chain, as indices and numbers.
async fn seen(client: &TestClient, chain: ChainId, application: ApplicationId) -> Vec<(u32, u8)> {
    let entry = |(key, value): (Vec<u8>, Vec<u8>)| (u32::from_be_bytes(key.try_into().unwrap()), value[0]);
    notes(client, chain, application).await.into_iter().map(entry).collect()
}

fn numbered(range: std::ops::Range<u8>) -> Vec<(u32, u8)> {
    range.map(|number| (number.into(), number)).collect()
}

#[tokio::test]
async fn a_follower_looks_at_everything_from_the_start_and_goes_on_after_a_restart() {
    let net = puppet::net(&["ann", "bob"]);
    let (feed_chain, chain) = (net.chain(0), net.chain(1));
    let ann = puppet::client(&net, &["ann"]);
    let application = create(&ann, feed_chain).await;
    for block in 0..3 {
        call(&ann, feed_chain, block, application, emit(block * 2..block * 2 + 2)).await.unwrap();
    }
    let store = Memory::new();
    let bob = puppet::client_over(&net, store.clone(), net.wires(), &["bob"]);
    call(&bob, chain, 1, application, subscribe(feed_chain, application, 0)).await.unwrap();
    assert_eq!(bob.update_streams(chain).await.unwrap().len(), 1);
    assert_eq!(seen(&bob, chain, application).await, numbered(0..6));
    assert!(bob.update_streams(chain).await.unwrap().is_empty(), "nothing is new");
    drop(bob);

    call(&ann, feed_chain, 10, application, emit(6..9)).await.unwrap();
    let bob = puppet::client_over(&net, store, net.wires(), &["bob"]);
    let _following = bob.follow(vec![chain], Incoming::Receive);
    in_time(async {
        while seen(&bob, chain, application).await != numbered(0..9) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_follows_a_chain_hears_of_streams_that_its_applications_follow() {
    let net = puppet::net(&["ann", "bob"]);
    let (feed_chain, chain) = (net.chain(0), net.chain(1));
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, feed_chain).await;
    let _following = bob.follow(vec![chain], Incoming::Receive);
    call(&bob, chain, 1, application, subscribe(feed_chain, application, 0)).await.unwrap();
    for number in 0..10 {
        call(&ann, feed_chain, number, application, emit(number..number + 1)).await.unwrap();
    }
    in_time(async {
        while seen(&bob, chain, application).await != numbered(0..10) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_followed_from_now_on_and_no_longer() {
    let net = puppet::net(&["ann", "bob"]);
    let (feed_chain, chain) = (net.chain(0), net.chain(1));
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, feed_chain).await;
    assert_eq!(bob.events_so_far(feed_chain, &feed(application)).await, Some(0));
    call(&ann, feed_chain, 1, application, emit(0..4)).await.unwrap();
    let now = bob.events_so_far(feed_chain, &feed(application)).await.unwrap();
    assert_eq!(now, 4);
    call(&bob, chain, 1, application, subscribe(feed_chain, application, now)).await.unwrap();
    assert!(bob.update_streams(chain).await.unwrap().is_empty());
    call(&ann, feed_chain, 2, application, emit(4..6)).await.unwrap();
    bob.update_streams(chain).await.unwrap();
    assert_eq!(seen(&bob, chain, application).await, numbered(4..6));

    let unsubscribe = Strings::default().ask::<guest::Unsubscribe>((feed_chain, feed(application)));
    call(&bob, chain, 2, application, unsubscribe).await.unwrap();
    call(&ann, feed_chain, 3, application, emit(6..8)).await.unwrap();
    assert!(bob.update_streams(chain).await.unwrap().is_empty());
    assert_eq!(seen(&bob, chain, application).await, numbered(4..6));
}

#[tokio::test]
async fn a_policy_says_whose_streams_are_attended_to() {
    let net = puppet::net(&["ann", "bob"]);
    let (feed_chain, chain) = (net.chain(0), net.chain(1));
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, feed_chain).await;
    call(&ann, feed_chain, 1, application, emit(0..1)).await.unwrap();
    call(&bob, chain, 1, application, subscribe(feed_chain, application, 0)).await.unwrap();
    bob.set_policy(chain, MessagePolicy { follows: Some([].into()), ..MessagePolicy::default() });
    assert!(bob.update_streams(chain).await.unwrap().is_empty());
    bob.set_policy(chain, MessagePolicy { follows: Some([application].into()), ..MessagePolicy::default() });
    assert_eq!(bob.update_streams(chain).await.unwrap().len(), 1);
}
