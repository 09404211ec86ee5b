//! What guests may do and what becomes of it, on both engines: the same end, and the same fuel.
//!
//! The cases are data: [`behaviour`] for what code does, [`refusals`] for what is not published.

#[path = "../kit/mod.rs"]
mod kit;

#[rustfmt::skip]
mod behaviour;
#[rustfmt::skip]
mod questions;
#[rustfmt::skip]
mod refusals;

use kit::{Call, ENOUGH, Outcome, check, module, operation, run};
use myceline_execution::engine::{Trap, Turn};
use std::fmt::Write as _;

/// How a case ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It returns this number.
    Gives(i64),
    /// It returns these bytes.
    Returns(&'static [u8]),
    /// It cannot go on.
    Traps(Trap),
    /// It burns all that there is.
    Starves,
}

/// A story, the code, and how it ends.
pub type Case = (&'static str, &'static str, End);

/// A contract whose entry points return the number that `$main` gives. `fields` are the module's, `$main` among them unless
/// they are an expression of the type i64.
pub fn contract(fields: &str) -> String {
    let fields = match fields.contains("(func $main") || fields.contains("(func $entry") {
        true => fields.to_owned(),
        false => format!("(func $main (result i64) {fields})"),
    };
    let entry = match fields.contains("(func $entry") {
        true => "",
        false => "(func $entry (param i32) (result i64) (i64.store (i32.const 0) (call $main)) (i64.const 8))",
    };
    format!(
        r#"(module
        (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
        (import "myceline" "take" (func $take (param i32)))
        (memory (export "memory") 1)
        {fields} {entry}
        (export "instantiate" (func $entry)) (export "execute_operation" (func $entry))
        (export "execute_message" (func $entry)) (export "process_streams" (func $entry)) (export "store" (func $entry)))"#
    )
}

fn end(outcome: &Outcome) -> Option<End> {
    match outcome.turns.last()? {
        Turn::Returns(bytes) => bytes.as_slice().try_into().ok().map(|bytes| End::Gives(i64::from_le_bytes(bytes))),
        Turn::Traps(trap) => Some(End::Traps(*trap)),
        Turn::Hungry => Some(End::Starves),
        Turn::Asks(..) | Turn::Faults(_) => None,
    }
}

/// Runs cases with a call, and writes what each burnt.
fn conform(cases: &[Case], call: &Call, burnt: &mut String) {
    for (story, text, expected) in cases {
        let code = module(&contract(text));
        assert_eq!(check(&code), Ok(()), "{story}");
        let outcome = run(&code, std::slice::from_ref(call)).remove(0);
        let as_expected = match expected {
            End::Returns(bytes) => outcome.turns.last() == Some(&Turn::Returns(bytes.to_vec())),
            expected => end(&outcome) == Some(*expected),
        };
        assert!(as_expected, "{story}: expected {expected:?}, found {:?}", outcome.turns);
        writeln!(burnt, "{:>8} {story}", outcome.burnt).expect("text");
    }
}

#[test]
fn code_ends_as_expected_and_burns_what_it_always_burnt() {
    let mut burnt = String::new();
    conform(behaviour::NUMBERS, &operation(), &mut burnt);
    conform(behaviour::FLOATS, &operation(), &mut burnt);
    conform(behaviour::CONTROL, &operation(), &mut burnt);
    conform(behaviour::MEMORY, &operation(), &mut burnt);
    conform(behaviour::TABLES, &operation(), &mut burnt);
    conform(behaviour::STACKS, &Call { fuel: 20 * ENOUGH, portions: vec![20 * ENOUGH], ..operation() }, &mut burnt);
    conform(questions::CASES, &Call { argument: b"argument".to_vec(), ..operation() }, &mut burnt);
    expect_test::expect_file!["fuel.txt"].assert_eq(&burnt);
}

#[test]
fn there_are_enough_cases() {
    let behaviour = [
        behaviour::NUMBERS,
        behaviour::FLOATS,
        behaviour::CONTROL,
        behaviour::MEMORY,
        behaviour::TABLES,
        behaviour::STACKS,
        questions::CASES,
    ];
    let all = behaviour.iter().map(|cases| cases.len()).sum::<usize>() + refusals::CASES.len();
    assert!(all >= 150, "{all}");
}

#[test]
fn what_cannot_be_published_is_refused_with_a_reason() {
    for (story, text, reason) in refusals::CASES {
        let found = check(&module(text)).expect_err(story).to_string();
        assert!(found.contains(reason), "{story}: {found}");
    }
}
