//! Answers of the web: everybody asks for themselves, and a block says what they were told.

use crate::{
    kit::*,
    puppet::{self, Gate, Puppets, Strings, call, create, make},
};
use myceline_client::{Options, SubmitError};
use myceline_node::{
    Web,
    web::{Question, Tell},
};
use myceline_storage::Memory;
use myceline_types::{
    Opaque, OracleAnswer, Policy, Refusal, WebPolicy,
    guest::{self, HttpAnswer, HttpMethod, HttpRequest, Projection},
};
use std::sync::Arc;

const URL: &str = "https://prices.example/btc";

/// The web of somebody who is told this, whatever they ask.
struct Told(&'static str);

impl Web for Told {
    fn ask(&self, question: Question, tell: Tell) {
        assert!(question.policy.allows(&question.request.server().unwrap()), "execution asks within the policy");
        match self.0 {
            "" => tell(Err("nobody is there".into())),
            body => tell(Ok(answer(body))),
        }
    }
}

fn answer(body: &str) -> HttpAnswer {
    HttpAnswer { status: 200, headers: Vec::new(), body: Opaque(body.as_bytes().to_vec()) }
}

fn ask() -> Strings {
    Strings::default().ask::<guest::AskWeb>(HttpRequest {
        method: HttpMethod::Get,
        url: URL.into(),
        headers: Vec::new(),
        body: Opaque(Vec::new()),
        projection: Projection::default(),
    })
}

/// Validators that are told these, and a client that is told `7`.
fn told(bodies: [&'static str; 4]) -> (Net, TestClient) {
    let web = WebPolicy { servers: vec!["https://prices.example:443".into()], ..WebPolicy::default() };
    let policy = Policy { web, ..Policy::default() };
    let gate = Arc::new(Gate::default());
    let net = puppet::net_with(&["ann", "bob"], policy, &gate, |place| Arc::new(Told(bodies[usize::from(place)])));
    let engine = Arc::new(Puppets::behind(&gate));
    let options = Options { engine, web: Arc::new(Told("7")), ..Options::default() };
    let client = net.client_with(Memory::new(), net.wires(), &["ann"], options);
    (net, client)
}

#[tokio::test]
async fn what_everybody_is_told_is_in_the_block() {
    let (net, ann) = told(["7"; 4]);
    let application = create(&ann, net.chain(0)).await;
    let block = in_time(call(&ann, net.chain(0), 1, application, ask())).await.unwrap();
    let recorded: Vec<&OracleAnswer> = block.block().outcome.oracle.iter().map(|record| &record.answer).collect();
    assert_eq!(recorded, [&OracleAnswer::Web(answer("7"))]);
    // Whoever reads the block later asks nobody: this reader has no web.
    let reader = puppet::client(&net, &[]);
    assert_eq!(reader.sync(net.chain(0)).await.unwrap().next.0, 3);
}

#[tokio::test]
async fn a_validator_that_is_told_something_else_does_not_hold_the_block_up() {
    let (net, ann) = told(["7", "7", "7", "8"]);
    let application = create(&ann, net.chain(0)).await;
    in_time(call(&ann, net.chain(0), 1, application, ask())).await.unwrap();
    in_time(make(&ann, net.chain(0), 2, transfer(net.chain(1), 1), Vec::new())).await.unwrap();
}

#[tokio::test]
async fn what_too_few_are_told_is_refused_by_name_and_the_chain_goes_on() {
    let (net, ann) = told(["7", "7", "8", "8"]);
    let application = create(&ann, net.chain(0)).await;
    let refused = in_time(call(&ann, net.chain(0), 1, application, ask())).await.unwrap_err();
    let SubmitError::Rejected(refusal) = refused else { panic!("{refused:?}") };
    let Refusal::Differs(difference) = *refusal else { panic!("{refusal:?}") };
    assert_eq!((difference.transaction, &*difference.asked), (0, URL));
    assert_ne!(difference.here, difference.claimed);
    in_time(make(&ann, net.chain(0), 2, transfer(net.chain(1), 1), Vec::new())).await.unwrap();
    assert_eq!(tokens(&ann, net.chain(0)).await, 999);
}

#[tokio::test]
async fn where_nobody_is_there_that_is_said_and_the_chain_goes_on() {
    let (net, ann) = told(["7", "7", "", ""]);
    let application = create(&ann, net.chain(0)).await;
    let refused = in_time(call(&ann, net.chain(0), 1, application, ask())).await.unwrap_err();
    let SubmitError::Rejected(refusal) = refused else { panic!("{refused:?}") };
    assert_eq!(*refusal, Refusal::Unanswered { url: URL.into(), why: "nobody is there".into() });
    in_time(make(&ann, net.chain(0), 2, transfer(net.chain(1), 1), Vec::new())).await.unwrap();
}
