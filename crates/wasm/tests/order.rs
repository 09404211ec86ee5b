//! What a guest does not wait for it is not given, and what ended stays ended.

mod kit;

use kit::{ENOUGH, guests, module};
use myceline_execution::engine::{Input, Trap, Turn};
use myceline_types::guest::Entry;

const ASKS: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "execute_operation") (param i32) (result i64)
        (i64.extend_i32_u (call $ask (i32.const 1) (i32.const 0) (i32.const 0))))
    (func (export "execute_message") (param i32) (result i64) (unreachable)))"#;

#[test]
fn an_answer_to_a_guest_at_rest_is_a_fault_of_the_driver() {
    for mut guest in guests(&module(ASKS)) {
        let mut fuel = ENOUGH;
        assert!(matches!(guest.resume(Input::Answer(b""), &mut fuel), Turn::Faults(_)));
        assert!(matches!(guest.resume(Input::Fuel, &mut fuel), Turn::Faults(_)));
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Asks(1, vec![]));
    }
}

#[test]
fn a_guest_that_asks_cannot_be_called_and_still_hears_its_answer() {
    for mut guest in guests(&module(ASKS)) {
        let mut fuel = ENOUGH;
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Asks(1, vec![]));
        assert!(matches!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Faults(_)));
        assert_eq!(guest.resume(Input::Answer(b"abc"), &mut fuel), Turn::Returns(vec![0; 3]));
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Asks(1, vec![]));
    }
}

#[test]
fn a_question_is_not_put_before_it_is_paid_for() {
    for mut guest in guests(&module(ASKS)) {
        let mut fuel = 1;
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Hungry);
        assert!(fuel < 0);
        assert_eq!(guest.resume(Input::Fuel, &mut fuel), Turn::Hungry, "it was given nothing");
        fuel += ENOUGH;
        assert_eq!(guest.resume(Input::Fuel, &mut fuel), Turn::Asks(1, vec![]));
    }
}

#[test]
fn what_trapped_stays_so() {
    for mut guest in guests(&module(ASKS)) {
        let mut fuel = ENOUGH;
        assert_eq!(guest.resume(Input::Call(Entry::Message, b""), &mut fuel), Turn::Traps(Trap::Unreachable));
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut fuel), Turn::Traps(Trap::Unreachable));
    }
}

#[test]
fn an_entry_point_that_is_not_there() {
    for mut guest in guests(&module(ASKS)) {
        assert_eq!(guest.resume(Input::Call(Entry::Describe, b""), &mut ENOUGH.clone()), Turn::Traps(Trap::NoEntry));
    }
}

#[test]
fn a_guest_may_be_dropped_where_it_stands() {
    for mut guest in guests(&module(ASKS)) {
        assert_eq!(guest.resume(Input::Call(Entry::Operation, b""), &mut ENOUGH.clone()), Turn::Asks(1, vec![]));
    }
}
