//! Notifications, over both transports.

use crate::fixture::{Fake, PATIENCE, Running, echo, follow, news, until};
use myceline_rpc::{InMemory, Incoming, Limits, Peer, SubscribeError};
use myceline_types::{
    BlockHeight, Refusal,
    api::{Notification, Reason, Subscribe},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_stream::StreamExt;

type Echo = Fake<fn(Vec<Incoming>)>;

fn fake() -> Arc<Echo> {
    Fake::new(echo as fn(_))
}

/// Notifications arrive in order, until the validator ends the subscription; what is asked is what the validator sees.
async fn follow_through(peer: &impl Peer, fake: &Echo) {
    let asked = Subscribe { resume: Some(41), ..follow() };
    let mut notifications = peer.subscribe(asked.clone()).await.ok().unwrap();
    for sequence in 42..=45 {
        fake.notify(news(sequence)).unwrap();
    }
    for sequence in 42..=45 {
        assert_eq!(notifications.next().await, Some(news(sequence)));
    }
    let (seen, subscriber) = fake.subscribers.lock().unwrap().pop().unwrap();
    assert_eq!(seen, asked);
    drop(subscriber);
    assert_eq!(timeout(PATIENCE, notifications.next()).await, Ok(None));
}

/// A refusal comes back as it was, and a subscriber that goes away is noticed.
async fn refuse_and_leave(peer: &impl Peer, fake: &Echo) {
    let error = peer.subscribe(Subscribe { chains: Vec::new(), resume: None }).await.err();
    assert_eq!(error, Some(SubscribeError::Refused(Refusal::Lagging { next: BlockHeight(7) })));
    drop(peer.subscribe(follow()).await.ok().unwrap());
    until("the validator notices", || fake.subscribers.lock().unwrap()[0].1.is_gone()).await;
    assert!(fake.notify(news(1)).is_err());
}

#[tokio::test]
async fn in_memory() {
    let fake = fake();
    let peer = InMemory::new(fake.clone());
    follow_through(&peer, &fake).await;
    refuse_and_leave(&peer, &fake).await;
}

#[tokio::test]
async fn over_grpc() {
    let fake = fake();
    let running = Running::start(fake.clone(), Limits::default()).await;
    follow_through(&running.peer(), &fake).await;
    refuse_and_leave(&running.peer(), &fake).await;
    running.stop().await;
}

/// Pushes far more than all buffers on the way hold, to somebody who does not read. Then it reads: what arrives is in
/// order, what is missing is covered by gaps, and the last is there.
#[tokio::test]
async fn a_slow_subscriber_gets_a_gap() {
    const LAST: u64 = 200_000;
    let fake = fake();
    let running = Running::start(fake.clone(), Limits { notifications: 100, ..Limits::default() }).await;
    let mut notifications = running.peer().subscribe(follow()).await.unwrap();
    for sequence in 1..=LAST {
        fake.notify(news(sequence)).unwrap();
        if sequence % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let (mut seen, mut gaps) = (0, 0);
    while seen < LAST {
        let Notification { sequence, reason } = notifications.next().await.unwrap();
        match reason {
            Reason::Gap => gaps += 1,
            _ => assert_eq!(sequence, seen + 1),
        }
        assert!(sequence > seen);
        seen = sequence;
    }
    assert!(gaps > 0);
    running.stop().await;
}

#[tokio::test]
async fn silence_is_told_from_death() {
    let fake = fake();
    let limits = Limits { keep_alive: Duration::from_millis(5), ..Limits::default() };
    let running = Running::start(fake.clone(), limits).await;
    let mut notifications = running.peer().subscribe(follow()).await.unwrap();
    // Signs of life are no notifications.
    assert!(timeout(Duration::from_millis(100), notifications.next()).await.is_err());
    fake.notify(news(1)).unwrap();
    assert_eq!(notifications.next().await, Some(news(1)));
    running.stop().await;
}
