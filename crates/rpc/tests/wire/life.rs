//! Connections come and go: restarts, validators that are dead or silent, shutting down.

use crate::fixture::{Fake, Held, PATIENCE, Running, answer, ask, echo, follow};
use myceline_rpc::{CallError, GrpcPeer, Limits, Peer, grpc::PeerSettings};
use std::time::{Duration, Instant};
use tokio::{net::TcpListener, time::timeout};
use tokio_stream::StreamExt;

async fn until_answered(peer: &GrpcPeer) {
    let again = async {
        while peer.call(ask(1)).await != Ok(answer(1)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("the peer finds the validator again");
}

#[tokio::test]
async fn a_peer_finds_a_validator_that_restarted() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let address = running.address;
    let peer = running.peer();
    until_answered(&peer).await;
    running.stop().await;
    assert!(peer.call(ask(1)).await.is_err());
    let running = Running::start_at(address, Fake::new(echo), Limits::default()).await;
    until_answered(&peer).await;
    running.stop().await;
}

#[tokio::test]
async fn calls_to_a_dead_validator_fail_at_once() {
    let nobody = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let rest = Duration::from_secs(3_600);
    let settings = PeerSettings { backoff_min: rest, backoff_max: rest, ..PeerSettings::default() };
    let peer = GrpcPeer::new(&address, settings).unwrap();
    assert!(matches!(peer.call(ask(1)).await, Err(CallError::Unreachable(_))));
    // Now somebody is there, but the peer takes its rest and does not look.
    let _somebody = TcpListener::bind(address.trim_start_matches("http://")).await.unwrap();
    let begun = Instant::now();
    for _ in 0..100 {
        assert!(matches!(peer.call(ask(1)).await, Err(CallError::Unreachable(_))));
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_silent_validator_costs_a_call_its_time_and_no_more() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let settings = PeerSettings { call_timeout: Duration::from_millis(50), ..PeerSettings::default() };
    let peer = GrpcPeer::new(&address, settings).unwrap();
    assert_eq!(peer.call(ask(1)).await, Err(CallError::Timeout));
    assert_eq!(peer.call(ask(1)).await, Err(CallError::Timeout));
}

#[tokio::test]
async fn a_validator_that_is_silent_for_too_long_is_given_up() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let settings = PeerSettings { keep_alive: Duration::from_millis(50), ..PeerSettings::default() };
    let peer = GrpcPeer::new(&address, settings).unwrap();
    assert_eq!(timeout(PATIENCE, peer.call(ask(1))).await, Ok(Err(CallError::Interrupted)));
}

#[tokio::test]
async fn a_server_that_shuts_down_answers_what_it_took() {
    let held = Held::default();
    let running = Running::start(Fake::new(held.rule()), Limits::default()).await;
    let peer = running.peer();
    let (in_stream, alone, ()) = tokio::join!(peer.call(ask(1)), peer.call_alone(ask(2)), async {
        held.wait_for(2).await;
        let stopping = tokio::spawn(running.stop());
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!stopping.is_finished());
        held.answer();
        timeout(PATIENCE, stopping).await.unwrap().unwrap();
    });
    assert_eq!((in_stream, alone), (Ok(answer(1)), Ok(answer(2))));
}

#[tokio::test]
async fn a_server_does_not_wait_for_ever_to_shut_down() {
    let held = Held::default();
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let running = Running::start(Fake::new(held.rule()), limits).await;
    let peer = running.peer();
    let (answered, ()) = tokio::join!(peer.call(ask(1)), async {
        held.wait_for(1).await;
        timeout(PATIENCE, running.stop()).await.unwrap();
    });
    assert_eq!(answered, Err(CallError::Interrupted));
}

#[tokio::test]
async fn shutting_down_ends_subscriptions() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let mut notifications = running.peer().subscribe(follow()).await.unwrap();
    timeout(PATIENCE, running.stop()).await.unwrap();
    assert_eq!(notifications.next().await, None);
}

#[tokio::test]
async fn a_subscription_outlives_the_handle_that_made_it() {
    let fake = Fake::new(echo);
    let running = Running::start(fake.clone(), Limits::default()).await;
    let mut notifications = running.peer().subscribe(follow()).await.unwrap();
    fake.notify(crate::fixture::news(1)).unwrap();
    assert_eq!(notifications.next().await, Some(crate::fixture::news(1)));
    running.stop().await;
}
