//! Many calls in one stream.

use crate::fixture::{Fake, Held, Running, answer, ask, echo, echo_of, refused};
use myceline_rpc::{InMemory, Incoming, Limits, Peer};
use myceline_types::Refusal;
use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};
use tokio::task::JoinSet;

async fn call_all<P: Peer>(peer: &P, count: u64) {
    let mut calls = JoinSet::new();
    for nonce in 0..count {
        let peer = peer.clone();
        calls.spawn(async move { assert_eq!(peer.call(ask(nonce)).await, Ok(answer(nonce))) });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
}

/// A validator whose worker thread collects `batch` requests and answers the last first.
fn backwards(batch: usize) -> impl Fn(Vec<Incoming>) + Send + Sync + 'static {
    let (work, worker) = mpsc::sync_channel::<Incoming>(batch);
    thread::spawn(move || {
        let mut held = Vec::new();
        for incoming in worker {
            held.push(incoming);
            if held.len() == batch {
                held.drain(..).rev().for_each(|incoming| {
                    let response = echo_of(&incoming.request);
                    incoming.reply.send(response);
                });
            }
        }
    });
    move |requests| requests.into_iter().for_each(|incoming| work.send(incoming).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_are_answered_backwards_from_another_thread() {
    let running = Running::start(Fake::new(backwards(100)), Limits::default()).await;
    call_all(&running.peer(), 1_000).await;
    running.stop().await;
}

#[tokio::test]
async fn calls_made_together_arrive_together() {
    let batches = Arc::new(Mutex::new(Vec::new()));
    let seen = batches.clone();
    let rule = move |requests: Vec<Incoming>| {
        seen.lock().unwrap().push(requests.len());
        echo(requests);
    };
    let running = Running::start(Fake::new(rule), Limits::default()).await;
    let peer = running.peer();
    call_all(&peer, 1).await;
    call_all(&peer, 64).await;
    assert_eq!(*batches.lock().unwrap(), [1, 64]);
    running.stop().await;
}

#[tokio::test]
async fn a_dropped_reply_says_busy() {
    let forgetful = Fake::new(drop::<Vec<Incoming>>);
    let running = Running::start(forgetful.clone(), Limits::default()).await;
    let peer = running.peer();
    assert_eq!(peer.call(ask(1)).await, Ok(refused(Refusal::Busy)));
    assert_eq!(peer.call_alone(ask(1)).await, Ok(refused(Refusal::Busy)));
    assert_eq!(InMemory::new(forgetful).call(ask(1)).await, Ok(refused(Refusal::Busy)));
    running.stop().await;
}

#[tokio::test]
async fn a_call_that_is_given_up_disturbs_nobody() {
    let held = Held::default();
    let running = Running::start(Fake::new(held.rule()), Limits::default()).await;
    let peer = running.peer();
    tokio::select! {
        _ = peer.call(ask(1)) => panic!("nobody answers this one"),
        () = held.wait_for(1) => (),
    }
    // Answered too late, to nobody; the next call is answered.
    held.answer();
    let (answered, ()) = tokio::join!(peer.call(ask(2)), async {
        held.wait_for(1).await;
        held.answer();
    });
    assert_eq!(answered, Ok(answer(2)));
    running.stop().await;
}
