//! Modules that were damaged: they are refused, or both engines run them and agree.

mod kit;

use kit::{check, module, survives};
use proptest::prelude::*;

/// A bit of everything, so that damage changes meanings and not only lengths.
const WHOLE: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1 4) (table 4 funcref) (elem (i32.const 1) $float $loop)
    (global $count (mut i32) (i32.const 3))
    (data (i32.const 8) "some data") (data $passive "more of it")
    (func $float (param i32) (result i64)
        (i64.reinterpret_f64 (f64.sqrt (f64.sub (f64.convert_i32_s (local.get 0)) (f64.load (i32.const 8))))))
    (func $loop (param i32) (result i64) (local i64)
        (loop (local.set 1 (i64.add (local.get 1) (i64.load8_u (local.get 0))))
            (if (i32.and (local.get 0) (i32.const 3)) (then (memory.init $passive (i32.const 64) (i32.const 1) (i32.const 4))))
            (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 40))))
        (local.get 1))
    (func $entry (param i32) (result i64)
        (call $take (i32.const 16))
        (block (block (block (br_table 0 1 2 (global.get $count)))
            (drop (call $ask (i32.const 2) (i32.const 16) (i32.const 8))))
            (drop (memory.grow (i32.const 2))))
        (i64.store (i32.const 0) (call_indirect (param i32) (result i64) (i32.const 20) (i32.rem_u (global.get $count) (i32.const 3))))
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i64.store (i32.const 0) (i64.xor (i64.load (i32.const 0)) (call $float (i32.const -2))))
        (i64.const 8))
    (export "instantiate" (func $entry)) (export "execute_operation" (func $entry)) (export "execute_message" (func $entry))
    (export "process_streams" (func $entry)) (export "store" (func $entry)))"#;

#[test]
fn an_undamaged_module_runs() {
    let code = module(WHOLE);
    assert_eq!(check(&code), Ok(()));
    survives(&code);
}

#[test]
fn every_beginning_of_a_module_is_refused() {
    let code = module(WHOLE);
    let refused = (0..code.len()).filter(|length| check(&code[..*length]).is_err()).count();
    // A module may end after its code, or before its names.
    assert!(refused + 3 >= code.len(), "{refused} of {}", code.len());
}

#[test]
fn every_byte_may_be_another() {
    let code = module(WHOLE);
    for at in 0..code.len() {
        for change in [1, 0x40, 0x80, 0xff] {
            let mut damaged = code.clone();
            damaged[at] ^= change;
            survives(&damaged);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn several_bytes_may_be_others(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut code = module(WHOLE);
        for (at, value) in changes {
            let at = at.index(code.len());
            code[at] = value;
        }
        survives(&code);
    }
}
