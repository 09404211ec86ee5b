//! Modules at and beyond the limits: a limit refuses what is beyond it, and both engines run what is at it.

mod kit;

use kit::{Call, ENOUGH, check, module, operation, run};
use myceline_execution::engine::{Trap, Turn};
use myceline_wasm::limits;

/// A contract of which `main` is the operation's function, beside other fields.
fn contract(fields: &str, main: &str) -> Vec<u8> {
    module(&format!(
        r#"(module (memory (export "memory") 1) {fields}
        (func $entry (param i32) (result i64) {main} (i64.const 0))
        (export "instantiate" (func $entry)) (export "execute_operation" (func $entry))
        (export "execute_message" (func $entry)) (export "process_streams" (func $entry)) (export "store" (func $entry)))"#
    ))
}

fn last(code: &[u8]) -> Turn {
    assert_eq!(check(code), Ok(()));
    run(code, &[operation()]).remove(0).turns.pop().expect("an end")
}

fn reason(code: &[u8]) -> String {
    check(code).expect_err("it is too large").to_string()
}

#[test]
fn blocks_inside_blocks() {
    let nested = |depth: u32| contract("", &["block ".repeat(depth as usize), "end ".repeat(depth as usize)].concat());
    assert_eq!(last(&nested(limits::NESTING_MAX - 1)), Turn::Returns(vec![]));
    assert!(reason(&nested(limits::NESTING_MAX)).contains("blocks inside blocks"));
}

#[test]
fn locals() {
    let many = |count: u32| contract(&format!("(func $f (local {}))", "i64 ".repeat(count as usize)), "(call $f)");
    assert_eq!(last(&many(limits::LOCALS_MAX)), Turn::Returns(vec![]));
    assert!(reason(&many(limits::LOCALS_MAX + 1)).contains("locals of a function"));
}

#[test]
fn operands() {
    let count = limits::OPERANDS_MAX as usize - 1;
    let many = |count: usize| {
        contract("", &["(local i64) ", &"(local.get 1) ".repeat(count), &"drop ".repeat(count)].concat())
    };
    assert_eq!(last(&many(count)), Turn::Returns(vec![]));
    assert!(reason(&many(count + 2)).contains("operands of a function"));
}

#[test]
fn functions() {
    let many = |count: u32| {
        let all: String = (0..count).map(|index| format!("{index} ")).collect();
        let table = format!("(table {} funcref) (elem (i32.const 0) func {all})", limits::TABLE_ELEMENTS_MAX);
        contract(&("(func)".repeat(count as usize) + &table), "(call_indirect (i32.const 77))")
    };
    assert_eq!(last(&many(limits::FUNCTIONS_MAX - 1)), Turn::Returns(vec![]));
    assert!(reason(&many(limits::FUNCTIONS_MAX)).contains("functions"));
}

#[test]
fn globals() {
    let many = |count: u32| contract(&"(global (mut i64) (i64.const 1))".repeat(count as usize), "");
    assert_eq!(last(&many(limits::GLOBALS_MAX)), Turn::Returns(vec![]));
    assert!(reason(&many(limits::GLOBALS_MAX + 1)).contains("global variables"));
}

#[test]
fn a_function_body() {
    let long = |bytes: usize| contract("", &"nop ".repeat(bytes));
    assert_eq!(last(&long(limits::BODY_BYTES_MAX - 16)), Turn::Returns(vec![]));
    assert!(reason(&long(limits::BODY_BYTES_MAX)).contains("bytes of a function"));
}

/// The compiler may keep the result of every instruction in the frame, and the function calls itself as often as it may.
#[test]
fn a_frame_that_is_larger_than_it_looks_overflows_no_machine() {
    let parts: String = (0..4_000)
        .map(|n| {
            format!(
                "(local.set 1 (i64.add (local.get 1) (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const {})))) ",
                n + 7
            )
        })
        .collect();
    let f = format!(
        "(func $f (param i32) (result i64) (local i64) {parts} (drop (call $f (i32.add (local.get 0) (i32.const 1)))) {parts} (local.get 1))"
    );
    let code = contract(&f, "(drop (call $f (local.get 0)))");
    let call = Call { fuel: 100 * ENOUGH, portions: vec![100 * ENOUGH], ..operation() };
    assert_eq!(run(&code, &[call]).remove(0).turns, [Turn::Traps(Trap::Stack)]);
}
