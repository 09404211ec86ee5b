//! The tiered engine: what its guests do is what they do on any engine, whenever their code is compiled.

mod kit;

use kit::{Call, ENOUGH, LIMITS, check, drive, module, operation, run};
use myceline_execution::engine::{Engine, Guest, Turn};
use myceline_types::{Blob, BlobId, BlobKind, Opaque};
use myceline_wasm::Tiered;
use std::thread;

/// Mixes numbers for as long as its argument says, writes what comes of it to memory, and asks in between.
const MIXES: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1)
    (func $mix (param i32) (result i64) (local i64)
        (loop
            (local.set 1 (i64.mul (i64.xor (i64.rotl (local.get 1) (i64.const 13)) (i64.extend_i32_u (local.get 0))) (i64.const 0x9e3779b97f4a7c15)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1))
    (func $entry (param i32) (result i64)
        (loop
            (i64.store (i32.shl (local.get 0) (i32.const 3)) (i64.add (i64.load (i32.const 8)) (call $mix (i32.const 5000))))
            (drop (call $ask (local.get 0) (i32.const 0) (i32.const 16)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i64.const 0x800000100))
    (export "instantiate" (func $entry)) (export "execute_operation" (func $entry))
    (export "execute_message" (func $entry)) (export "process_streams" (func $entry)) (export "store" (func $entry)))"#;

fn blob(code: &[u8]) -> BlobId {
    Blob { kind: BlobKind::Contract, bytes: Opaque(code.to_vec()) }.id()
}

fn call(length: usize, portion: i64) -> Call {
    Call { argument: vec![0; length], fuel: 100 * ENOUGH, portions: vec![portion], ..operation() }
}

fn guest(engine: &Tiered, code: &[u8]) -> Box<dyn Guest> {
    let cached = engine.cached(blob(code), LIMITS).expect("no fault");
    cached.unwrap_or_else(|| engine.instantiate(blob(code), code, LIMITS).expect("a guest"))
}

#[test]
fn many_guests_of_many_threads_agree_while_their_code_is_compiled() {
    let code = module(MIXES);
    assert_eq!(check(&code), Ok(()));
    let expected = run(&code, &[call(9, 20_000), call(3, 700)]);
    assert!(matches!(expected[0].turns.last(), Some(Turn::Returns(_))), "{:?}", expected[0].turns);
    let engine = Tiered::eager().expect("an engine");
    assert_eq!(engine.check(BlobKind::Contract, &code, LIMITS), Ok(()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let mut guest = guest(&engine, &code);
                    assert_eq!(drive(&mut *guest, &call(9, 20_000)), expected[0]);
                    assert_eq!(drive(&mut *guest, &call(3, 700)), expected[1]);
                }
            });
        }
    });
}

#[test]
fn a_process_that_waits_with_compiling_interprets_the_same() {
    let code = module(MIXES);
    let expected = run(&code, &[call(5, ENOUGH)]).remove(0);
    let engine = Tiered::patient().expect("an engine");
    for _ in 0..20 {
        assert_eq!(drive(&mut *guest(&engine, &code), &call(5, ENOUGH)), expected);
    }
}

#[test]
fn what_was_checked_needs_no_code_to_be_called() {
    let code = module(MIXES);
    let expected = run(&code, &[call(2, ENOUGH)]).remove(0);
    let engine = Tiered::patient().expect("an engine");
    let cached = || engine.cached(blob(&code), LIMITS).expect("no fault");
    assert!(cached().is_none(), "nobody knows it");
    assert_eq!(engine.check(BlobKind::Contract, &code, LIMITS), Ok(()));
    assert_eq!(engine.check(BlobKind::Contract, &code, LIMITS), Ok(()), "again, from memory");
    let mut guest = cached().expect("a guest");
    assert_eq!(drive(&mut *guest, &call(2, ENOUGH)), expected);
    assert!(engine.check(BlobKind::Service, &code, LIMITS).is_err(), "it answers no queries");
}
