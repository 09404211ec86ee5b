//! What a guest pays for reading its state, in a node: a row of docs/performance/wasm.md.
//!
//! A service reads the same entry many times. The difference between a long and a short query leaves out all that a query
//! costs once. The best of many rounds, as in the other tables.

use myceline_sdk::{ContractAbi, ServiceAbi};
use myceline_sdk_testing::{Application, Chain, Module, Network};
use std::time::{Duration, Instant};

/// An entry of 32 bytes: the question [`Put`](myceline_types::guest::Put), with a key and a value.
const CONTRACT: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\05entry\01\20a value of thirty-two bytes!!!!!")
    (func (export "instantiate") (param i32) (result i64)
        (drop (call $ask (i32.const 18) (i32.const 0) (i32.const 40))) (i64.const 0))
    (func $nothing (export "execute_operation") (param i32) (result i64) (i64.const 0))
    (export "execute_message" (func $nothing)) (export "process_streams" (func $nothing))
    (export "store" (func $nothing)))"#;

/// Reads it a hundred times for each byte of the query, and answers with a zero. An answer of another length than that of the entry
/// would be a read of something else.
const SERVICE: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\05entry") (data (i32.const 64) "0")
    (func (export "handle_query") (param i32) (result i64)
        (local.set 0 (i32.mul (local.get 0) (i32.const 100)))
        (loop
            (if (i32.ne (call $ask (i32.const 16) (i32.const 0) (i32.const 6)) (i32.const 34)) (then (unreachable)))
            (call $take (i32.const 128))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i64.const 0x4000000001)))"#;

const ROUNDS: usize = 200;
/// Reads of the short and of the long query.
const SHORT: u32 = 1_000;
const LONG: u32 = 21_000;

struct Reader;

impl ContractAbi for Reader {
    type Operation = ();
    type Response = ();
}

impl ServiceAbi for Reader {
    type Query = String;
    type QueryResponse = u64;
}

fn main() {
    let module = Module { contract: parse(CONTRACT), service: parse(SERVICE) };
    let network = Network::new();
    let chain = network.chain();
    let reader = chain.create(chain.publish(&module), &(), &());
    let [short, long] = [SHORT, LONG].map(|reads| best(&chain, reader, reads));
    let each = (long - short).as_secs_f64() / f64::from(LONG - SHORT);
    println!("| a read of 32 bytes of state | {:.2} µs |", each * 1e6);
}

fn parse(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module")
}

/// The shortest time of a query with so many reads. The query is text, in JSON two bytes longer than itself.
fn best(chain: &Chain, reader: Application<Reader>, reads: u32) -> Duration {
    let query = "x".repeat(reads as usize / 100 - 2);
    let round = |_| {
        let begun = Instant::now();
        assert_eq!(chain.query(reader, &query), 0);
        begun.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}
