//! However fuel is portioned, a call burns the same and ends the same, and it ends when there is no more.

mod kit;

use kit::{Call, ENOUGH, drive, guests, module, operation, run};
use myceline_execution::engine::Turn;
use proptest::prelude::*;

/// Loops, branches, calls, asks, grows, copies and fills, in an order that its argument chooses.
const BUSY: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1)
    (func $sum (param i32) (result i32) (local i32)
        (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1))
    (func $deep (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
    (func $do (param i32)
        (block (block (block (block (block (block
            (br_table 0 1 2 3 4 5 (i32.and (local.get 0) (i32.const 7))))
            (i32.store (i32.const 512) (call $sum (i32.add (local.get 0) (i32.const 1)))) (return))
            (i32.store (i32.const 516) (call $deep (local.get 0))) (return))
            (memory.fill (i32.const 1024) (local.get 0) (i32.shl (local.get 0) (i32.const 6))) (return))
            (drop (memory.grow (i32.and (local.get 0) (i32.const 8)))) (return))
            (drop (call $ask (local.get 0) (i32.const 512) (local.get 0))) (call $take (i32.const 2048)) (return))
        (f64.store (i32.const 520) (f64.div (f64.convert_i32_u (local.get 0)) (f64.const 0))))
    (func $entry (param i32) (result i64) (local i32)
        (call $take (i32.const 0))
        (block (loop (br_if 1 (i32.ge_u (local.get 1) (local.get 0)))
            (call $do (i32.load8_u (local.get 1)))
            (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br 0)))
        (i64.const 0x20000001000))
    (export "execute_operation" (func $entry)))"#;

fn call(argument: &[u8]) -> Call {
    Call { argument: argument.to_vec(), fuel: 100 * ENOUGH, portions: vec![100 * ENOUGH], ..operation() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn portions_change_nothing(argument in prop::collection::vec(any::<u8>(), 0..60), portions in prop::collection::vec(1..5_000i64, 1..8)) {
        let code = module(BUSY);
        let whole = run(&code, &[call(&argument)]).remove(0);
        prop_assert!(matches!(whole.turns.last(), Some(Turn::Returns(_))), "{:?}", whole.turns);
        let sliced = run(&code, &[Call { portions, ..call(&argument) }]).remove(0);
        prop_assert_eq!(sliced, whole);
    }

    #[test]
    fn too_little_is_too_little_on_every_engine(argument in prop::collection::vec(any::<u8>(), 1..60), part in 1..100i64) {
        let code = module(BUSY);
        let whole = run(&code, &[call(&argument)]).remove(0);
        let less = Call { fuel: (whole.burnt * part / 100).max(1), ..call(&argument) };
        let starved = run(&code, &[less]).remove(0);
        prop_assert_eq!(starved.turns.last(), Some(&Turn::Hungry));
    }
}

#[test]
fn exactly_enough_is_enough_and_one_less_is_not() {
    let code = module(BUSY);
    let argument = [7, 0, 1, 2, 3, 4, 5];
    let whole = run(&code, &[call(&argument)]).remove(0);
    let exact = run(&code, &[Call { fuel: whole.burnt, ..call(&argument) }]).remove(0);
    assert_eq!(exact, whole);
    let less = run(&code, &[Call { fuel: whole.burnt - 1, ..call(&argument) }]).remove(0);
    assert_eq!(less.turns.last(), Some(&Turn::Hungry));
}

#[test]
fn memory_stays_between_calls_and_many_guests_take_turns() {
    let code = module(BUSY);
    let alone = run(&code, &[call(&[1, 1]), call(&[2, 2]), call(&[4])]);
    let mut together: Vec<_> = (0..20).flat_map(|_| guests(&code)).collect();
    for (argument, expected) in [&[1u8, 1][..], &[2, 2], &[4]].iter().zip(&alone) {
        for guest in &mut together {
            assert_eq!(&drive(&mut **guest, &call(argument)), expected);
        }
    }
}
