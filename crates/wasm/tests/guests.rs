//! What guests and hosts say to each other, on both engines.

mod kit;

use kit::{check, module, operation, run};
use myceline_execution::engine::Turn;

const ECHO: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1)
    (func $echo (param i32) (result i64)
        i32.const 16 call $take
        i32.const 64
        i32.const 5 i32.const 16 local.get 0 call $ask
        local.tee 0
        drop
        call $take
        local.get 0 i64.extend_i32_u i64.const 0x4000000000 i64.or)
    (export "instantiate" (func $echo)) (export "execute_operation" (func $echo)) (export "execute_message" (func $echo))
    (export "process_streams" (func $echo)) (export "store" (func $echo)))"#;

#[test]
fn a_guest_asks_and_returns_the_answer() {
    let code = module(ECHO);
    assert_eq!(check(&code), Ok(()));
    let call = kit::Call { argument: b"abc".to_vec(), ..operation() };
    let outcome = run(&code, &[call]).remove(0);
    assert_eq!(outcome.turns, [Turn::Asks(5, b"abc".to_vec()), Turn::Returns(b"\x05\0\0\0cba".to_vec())]);
}
