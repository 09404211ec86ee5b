//! Every call and every answer arrives as it was sent, over every transport.

use crate::fixture::{Fake, Running};
use expect_test::expect;
use myceline_rpc::{GrpcPeer, InMemory, Incoming, Limits, Peer};
use myceline_types::{
    Committee, Genesis, Hash, Owner, Policy, Resilience, Timestamp, Validator, ValidatorKey,
    api::{Request, Response},
    encoding,
};
use serde::de::DeserializeOwned;
use std::{
    collections::VecDeque,
    fmt::Debug,
    sync::{Arc, Mutex},
};

/// The longest that a value of nothing but zeros may be.
const SIMPLEST_MAX: usize = 2_000;

/// The simplest value of an enum's variant: its number, and zeros for whatever belongs to it.
fn simplest<T: DeserializeOwned>(variant: u8) -> Option<T> {
    (0..SIMPLEST_MAX).find_map(|zeros| {
        let mut bytes = vec![0; 1 + zeros];
        bytes[0] = variant;
        encoding::from_bytes(&bytes).ok()
    })
}

fn requests() -> Vec<Request> {
    (0..u8::MAX).filter_map(simplest).collect()
}

fn responses() -> Vec<Response> {
    let simplest = (0..u8::MAX).filter_map(simplest);
    simplest.chain([Response::Genesis(Box::new(genesis()))]).collect()
}

/// A committee is never empty, so zeros are none.
fn genesis() -> Genesis {
    let validator = Validator {
        key: ValidatorKey([2; 33]),
        account: Owner::Ethereum([3; 20]),
        weight: 1,
        address: "http://127.0.0.1:9000".into(),
    };
    Genesis {
        name: "test".into(),
        protocol: 1,
        timestamp: Timestamp(5),
        committee: Committee::new(vec![validator], Resilience::Classic).unwrap(),
        policy: Policy::default(),
        chains: Vec::new(),
        salt: Hash([9; 32]),
    }
}

fn names<T: Debug>(values: &[T]) -> String {
    let name = |value: &T| {
        let text = format!("{value:?}");
        text.split(['(', ' ']).next().unwrap_or_default().to_owned()
    };
    values.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_samples_are_complete() {
    expect!["Propose Certificate TimeoutCertificate LeaveRound Info Inbox Blocks Commits CommitIndex Blob ChainsOf Description StateProof Genesis Where"].assert_eq(&names(&requests()));
    expect!["Vote Timeout Round Committed Info Inbox Blocks Commits CommitIndex Blob Chains Description StateProof Where Refused Genesis"].assert_eq(&names(&responses()));
}

type Asked = Arc<Mutex<Vec<Request>>>;

/// A validator that remembers requests and gives each the next of all answers.
fn recorder() -> (Asked, impl Fn(Vec<Incoming>) + Send + Sync + 'static) {
    let asked = Asked::default();
    let answers = Mutex::new(VecDeque::from(responses()));
    let remember = asked.clone();
    let rule = move |requests: Vec<Incoming>| {
        for Incoming { request, reply } in requests {
            remember.lock().unwrap().push(request);
            let mut answers = answers.lock().unwrap();
            let next = answers.pop_front().unwrap();
            answers.push_back(next.clone());
            drop(answers);
            reply.send(next);
        }
    };
    (asked, rule)
}

/// As many questions as there are answers, so that each of both is sent.
fn conversation() -> Vec<(Request, Response)> {
    let (requests, responses) = (requests(), responses());
    let rounds = requests.len().max(responses.len());
    requests.into_iter().cycle().zip(responses.into_iter().cycle()).take(rounds).collect()
}

async fn converse(peer: &impl Peer, asked: &Asked) {
    for (request, response) in conversation() {
        assert_eq!(peer.call(request.clone().into()).await.unwrap(), response);
        assert_eq!(asked.lock().unwrap().pop(), Some(request));
    }
}

#[tokio::test]
async fn in_memory() {
    let (asked, rule) = recorder();
    converse(&InMemory::new(Fake::new(rule)), &asked).await;
}

#[tokio::test]
async fn in_a_stream() {
    let (asked, rule) = recorder();
    let running = Running::start(Fake::new(rule), Limits::default()).await;
    converse(&running.peer(), &asked).await;
    running.stop().await;
}

#[tokio::test]
async fn alone() {
    let (asked, rule) = recorder();
    let running = Running::start(Fake::new(rule), Limits::default()).await;
    let peer: GrpcPeer = running.peer();
    for (request, response) in conversation() {
        assert_eq!(peer.call_alone(request.clone().into()).await.unwrap(), response);
        assert_eq!(asked.lock().unwrap().pop(), Some(request));
    }
    running.stop().await;
}
