//! A price on a network, from a server on this machine that answers everybody differently; on both engines at once.

use myceline_sdk::types::WebPolicy;
use myceline_sdk_testing::{Application, Chain, Module, Network, Settings};
use price_oracle::{Operation, Parameters, PriceOracleAbi};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Whether the server tells everybody a price of their own.
static IS_WILD: AtomicBool = AtomicBool::new(false);

/// A server whose answers differ in a header, in a field and in the fourth decimal of the price. Its address.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (count, stream) in (0u32..).zip(listener.incoming()) {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let whole = if IS_WILD.load(Ordering::SeqCst) { 2_000 + count } else { 1_234 };
            let body = format!(r#"{{"served":{count},"coin":{{"usd":"{whole}.571{}"}}}}"#, count % 4);
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nx-count: {count}\r\ncontent-length: {length}\r\nconnection: close");
            // Whoever has left does not want the answer.
            let _ = write!(stream, "{head}\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}

fn oracle(server: &str, named: &str) -> (Chain, Application<PriceOracleAbi>) {
    let mut settings = Settings::default();
    settings.policy.web = WebPolicy { servers: vec![named.into()], allows_private: true, timeout_ms: 10_000 };
    let ann = Network::with(settings).chain();
    let parameters = Parameters { url: format!("{server}/prices"), pointer: "/coin/usd".into() };
    let oracle = ann.create(ann.publish(&Module::current()), &parameters, &());
    (ann, oracle)
}

#[test]
fn validators_agree_on_what_the_request_keeps() {
    let server = server();
    let (ann, oracle) = oracle(&server, &server);
    assert_eq!(ann.call(oracle, &Operation::Update).to_string(), "1234.57");
    let data = ann.graphql(oracle, "{ now last { price } }");
    assert_eq!(data["last"]["price"], "1234.57");
    assert_eq!(data["now"], "1234.57");

    // Where they see different prices there is no block, and the chain goes on.
    IS_WILD.store(true, Ordering::SeqCst);
    assert!(ann.try_call(oracle, &Operation::Update).is_err());
    IS_WILD.store(false, Ordering::SeqCst);
    assert_eq!(ann.call(oracle, &Operation::Update).to_string(), "1234.57");
    assert_eq!(ann.call(oracle, &Operation::Last { seconds: 3_600 }).to_string(), "1234.57");
}

#[test]
fn a_server_that_nobody_has_named_is_not_asked() {
    let (ann, oracle) = oracle(&server(), "https://prices.example");
    assert!(ann.try_call(oracle, &Operation::Update).is_err());
}
