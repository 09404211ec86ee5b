//! What a validator does when somebody wants more than there is.

use crate::{
    fixture::{Fake, Held, Running, answer, ask, echo, follow, refused},
    raw::{Raw, envelope, grpc_message},
};
use myceline_rpc::{CallError, GrpcPeer, Incoming, Limits, Outgoing, Peer, SubscribeError, grpc::PeerSettings};
use myceline_types::{
    Opaque, Refusal,
    api::{Request, Response, SUBSCRIBED_CHAINS_MAX, Subscribe},
};
use std::time::Duration;
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet, time::timeout};

fn calls(peer: &GrpcPeer, count: u64, alone: bool) -> JoinSet<bool> {
    let mut calls = JoinSet::new();
    for nonce in 0..count {
        let peer = peer.clone();
        calls.spawn(async move {
            let answered = if alone { peer.call_alone(ask(nonce)).await } else { peer.call(ask(nonce)).await };
            match answered.unwrap() {
                busy if busy == refused(Refusal::Busy) => false,
                answered => {
                    assert_eq!(answered, answer(nonce));
                    true
                }
            }
        });
    }
    calls
}

#[tokio::test]
async fn a_stream_is_not_read_while_too_much_is_in_flight() {
    let held = Held::default();
    let limits = Limits { in_flight: 4, ..Limits::default() };
    let running = Running::start(Fake::new(held.rule()), limits).await;
    let mut calls = calls(&running.peer(), 10, false);
    for expected in [4, 4, 2] {
        held.wait_for(expected).await;
        // Nothing more comes, however long it waits.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(held.count(), expected);
        held.answer();
    }
    while let Some(answered) = calls.join_next().await {
        assert!(answered.unwrap());
    }
    running.stop().await;
}

#[tokio::test]
async fn single_calls_beyond_the_limit_are_told_busy() {
    let held = Held::default();
    let limits = Limits { in_flight: 4, ..Limits::default() };
    let running = Running::start(Fake::new(held.rule()), limits).await;
    let mut calls = calls(&running.peer(), 10, true);
    for _ in 0..6 {
        assert!(!calls.join_next().await.unwrap().unwrap());
    }
    held.answer();
    while let Some(answered) = calls.join_next().await {
        assert!(answered.unwrap());
    }
    running.stop().await;
}

/// A request of so many bytes and some.
fn request_of(bytes: usize) -> Outgoing {
    Request::StateProof { chain: crate::fixture::chain(), key: Opaque(vec![0; bytes]) }.into()
}

/// An answer of 40 kB.
fn large() -> Response {
    Response::Chains(vec![crate::fixture::chain(); 1_250])
}

fn large_answers(requests: Vec<Incoming>) {
    requests.into_iter().for_each(|incoming| incoming.reply.send(large()));
}

#[tokio::test]
async fn answers_beyond_the_memory_of_a_connection_become_busy() {
    let limits = Limits { bytes_per_connection: 100_000, ..Limits::default() };
    let running = Running::start(Fake::new(large_answers), limits).await;
    let peer = running.peer();
    // What was taken is given back each time.
    for _ in 0..5 {
        let mut calls = JoinSet::new();
        for nonce in 0..10 {
            let peer = peer.clone();
            calls.spawn(async move { peer.call(ask(nonce)).await.unwrap() });
        }
        let answers = calls.join_all().await;
        let given = answers.iter().filter(|answer| **answer == large()).count();
        let busy = answers.iter().filter(|answer| **answer == refused(Refusal::Busy)).count();
        assert_eq!((given, busy), (2, 8));
        assert_eq!(peer.call_alone(ask(1)).await, Ok(large()));
    }
    running.stop().await;
}

#[tokio::test]
async fn all_connections_share_a_whole() {
    let limits = Limits { bytes: 100_000, ..Limits::default() };
    let held = Held::default();
    let running = Running::start(Fake::new(held.rule()), limits).await;
    let (ann, bob) = (running.peer(), running.peer());
    let anns = tokio::spawn(async move { ann.call(request_of(60_000)).await });
    held.wait_for(1).await;
    // It can be read in parts, but not as a whole beside the other.
    assert_eq!(bob.call(request_of(40_001)).await, Err(CallError::Interrupted));
    held.answer();
    assert_eq!(anns.await.unwrap(), Ok(refused(Refusal::TooEarly)));
    // Another connection, since a peer rests after one on which nothing was ever answered.
    let bob = running.peer();
    let (again, ()) = tokio::join!(bob.call(request_of(60_000)), async {
        held.wait_for(1).await;
        held.answer();
    });
    assert_eq!(again, Ok(refused(Refusal::TooEarly)));
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_even_be_read_ends_its_call_only() {
    const RESOURCE_EXHAUSTED: i32 = 8;
    let limits = Limits { bytes_per_connection: 10_000, ..Limits::default() };
    let running = Running::start(Fake::new(echo), limits).await;
    let mut raw = Raw::connect(running.address).await;
    let too_much = grpc_message(&envelope(1, &[0; 20_000]));
    for call in ["Call", "Stream", "Subscribe"] {
        assert_eq!(raw.call(call, &too_much).await, (Vec::new(), RESOURCE_EXHAUSTED));
    }
    assert_eq!(raw.call("Call", &grpc_message(&envelope(1, ask(1).bytes()))).await.1, 0);
    running.stop().await;
}

#[tokio::test]
async fn subscriptions_are_limited_for_a_connection_and_for_all() {
    let limits = Limits { subscriptions: 3, subscriptions_per_connection: 2, ..Limits::default() };
    let running = Running::start(Fake::new(echo), limits).await;
    let (ann, bob) = (running.peer(), running.peer());
    let busy = Some(SubscribeError::Refused(Refusal::Busy));
    let first = ann.subscribe(follow()).await.unwrap();
    let _second = ann.subscribe(follow()).await.unwrap();
    assert_eq!(ann.subscribe(follow()).await.err(), busy);
    let _third = bob.subscribe(follow()).await.unwrap();
    assert_eq!(bob.subscribe(follow()).await.err(), busy);
    drop(first);
    let again = async {
        while bob.subscribe(follow()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), again).await.expect("a place becomes free");
    running.stop().await;
}

#[tokio::test]
async fn a_subscription_has_a_bounded_number_of_chains() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let chains = vec![crate::fixture::chain(); SUBSCRIBED_CHAINS_MAX + 1];
    let error = running.peer().subscribe(Subscribe { chains, resume: None }).await.err();
    let limit = SUBSCRIBED_CHAINS_MAX as u64;
    assert_eq!(error, Some(SubscribeError::Refused(Refusal::TooLarge { limit })));
    running.stop().await;
}

#[tokio::test]
async fn connections_wait_for_a_place() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let running = Running::start(Fake::new(echo), limits).await;
    let ann = running.peer();
    assert_eq!(ann.call(ask(1)).await, Ok(answer(1)));
    let hasty = PeerSettings { call_timeout: Duration::from_millis(50), ..PeerSettings::default() };
    assert_eq!(running.peer_with(hasty).call(ask(2)).await, Err(CallError::Timeout));
    let bob = running.peer();
    let (_, answered) = tokio::join!(async { drop(ann) }, bob.call(ask(3)));
    assert_eq!(answered, Ok(answer(3)));
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_never_calls_is_closed() {
    let limits = Limits { first_call: Duration::from_millis(20), ..Limits::default() };
    let running = Running::start(Fake::new(echo), limits).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let closed = timeout(Duration::from_secs(10), silent.read_to_end(&mut Vec::new())).await;
    assert!(closed.is_ok());
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_has_called_may_rest() {
    let limits = Limits { first_call: Duration::from_millis(20), ..Limits::default() };
    let running = Running::start(Fake::new(echo), limits).await;
    let mut raw = Raw::connect(running.address).await;
    let call = grpc_message(&envelope(1, ask(1).bytes()));
    assert_eq!(raw.call("Call", &call).await.1, 0);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(raw.call("Call", &call).await.1, 0);
    running.stop().await;
}
