//! Event streams: what a chain emits, applications of other chains look at, in order and without a gap.

use crate::{
    kit::*,
    puppet::{self, Strings, call, create, notes},
};
use myceline_client::{Incoming, MessagePolicy};
use myceline_storage::Memory;
use myceline_types::{ApplicationId, BlockHeight, ChainId, Opaque, StreamId, guest};
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
async fn events_are_read_with_proof_by_somebody_who_never_saw_their_chain() {
    let net = puppet::net(&["ann"]);
    let chain = net.chain(0);
    let ann = puppet::client(&net, &["ann"]);
    let application = create(&ann, chain).await;
    for block in 0..3 {
        call(&ann, chain, block, application, emit(block * 2..block * 2 + 2)).await.unwrap();
    }
    let aside = Strings::default().ask::<guest::Emit>((Opaque(b"aside".to_vec()), Opaque(vec![9])));
    call(&ann, chain, 3, application, aside).await.unwrap();

    let stranger = puppet::client(&net, &[]);
    let read = async |from, limit| {
        let events = stranger.events(chain, &feed(application), from, limit).await.unwrap();
        events.into_iter().map(|event| (event.index, event.value.0[0])).collect::<Vec<_>>()
    };
    assert_eq!(read(1, 3).await, numbered(1..4));
    assert_eq!(read(4, 100).await, numbered(4..6), "the rest of the stream");
    assert_eq!(read(6, 100).await, []);
    let heights = stranger.events(chain, &feed(application), 0, 100).await.unwrap();
    let heights: Vec<u64> = heights.into_iter().map(|event| event.height.0).collect();
    assert_eq!(heights, [2, 2, 3, 3, 4, 4], "publishing and creating took the blocks before");
    assert_eq!(stranger.next_height(chain).await, Ok(BlockHeight(0)), "it reads no block of the chain for that");

    let streams = async |after: Option<&[u8]>, limit| {
        let after = after.map(|name| Opaque(name.to_vec()));
        let look = ann.look(chain, move |work| Ok(work.streams(application, after.clone(), limit)?));
        look.await.unwrap().into_iter().map(|(name, count)| (name.0, count)).collect::<Vec<_>>()
    };
    let (aside, feed) = ((b"aside".to_vec(), 1), (b"feed".to_vec(), 6));
    assert_eq!(streams(None, 10).await, [aside.clone(), feed.clone()]);
    assert_eq!(streams(None, 1).await, [aside]);
    assert_eq!(streams(Some(b"aside"), 10).await, [feed]);
    assert_eq!(streams(Some(b"feed"), 10).await, []);
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
