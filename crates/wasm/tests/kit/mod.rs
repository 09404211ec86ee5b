//! Runs a guest on both engines and insists that they agree.

#![allow(dead_code, reason = "each test file uses a part of it")]

use myceline_execution::engine::{CodeLimits, Engine, Guest, Input, InvalidModule, Turn};
use myceline_types::{BlobId, BlobKind, Hash, guest::Entry};
use myceline_wasm::{Interpreter, Wasmtime};
use std::sync::LazyLock;

/// Limits of all tests.
pub const LIMITS: CodeLimits = CodeLimits { metering: myceline_wasm::METERING, memory_pages: 16 };
/// Fuel of a test that says nothing about it.
pub const ENOUGH: i64 = 1_000_000;

static ENGINES: LazyLock<[Box<dyn Engine>; 2]> = LazyLock::new(|| {
    let compiled = Wasmtime::new().expect("this machine runs Wasmtime");
    let interpreted = Interpreter::new().expect("an interpreter runs everywhere");
    [Box::new(compiled), Box::new(interpreted)]
});

/// A call of an entry point, and how the guest is fed.
#[derive(Clone, Debug)]
pub struct Call {
    pub entry: Entry,
    pub argument: Vec<u8>,
    /// The portions of fuel, the last of which repeats.
    pub portions: Vec<i64>,
    /// All fuel that there is.
    pub fuel: i64,
}

/// What came of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Everything that was asked, and the end.
    pub turns: Vec<Turn>,
    /// What was burnt.
    pub burnt: i64,
}

/// The call that most tests make.
pub fn operation() -> Call {
    Call { entry: Entry::Operation, argument: Vec::new(), portions: vec![ENOUGH], fuel: ENOUGH }
}

/// A module from its text; bad text is a bug of the test.
pub fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Whether a contract may be published.
pub fn check(code: &[u8]) -> Result<(), InvalidModule> {
    ENGINES[0].check(BlobKind::Contract, code, LIMITS)
}

/// A guest on each engine.
pub fn guests(code: &[u8]) -> Vec<Box<dyn Guest>> {
    let blob = BlobId { kind: BlobKind::Contract, hash: Hash::of_parts(&[code]) };
    let instance = |engine: &dyn Engine| engine.instantiate(blob, code, LIMITS).expect("an instance");
    ENGINES.iter().map(|engine| instance(&**engine)).collect()
}

/// What both engines make of calls to one instance, one after the other; they must make the same of it.
pub fn run(code: &[u8], calls: &[Call]) -> Vec<Outcome> {
    let mut outcomes = guests(code)
        .into_iter()
        .map(|mut guest| calls.iter().map(|call| drive(&mut *guest, call)).collect::<Vec<Outcome>>());
    let compiled = outcomes.next().expect("Wasmtime");
    let interpreted = outcomes.next().expect("the interpreter");
    assert_eq!(compiled, interpreted, "Wasmtime and the interpreter must agree");
    compiled
}

/// Drives a guest to the end of a call. A question is answered with its own bytes in reverse, with its code before them.
pub fn drive(guest: &mut dyn Guest, call: &Call) -> Outcome {
    let mut portions =
        call.portions.iter().copied().chain(std::iter::repeat(*call.portions.last().expect("a portion")));
    let mut given = 0;
    let mut fuel = 0;
    let mut feed = |fuel: &mut i64| {
        let portion = portions.next().unwrap_or(0).min(call.fuel - given);
        given += portion;
        *fuel += portion;
        portion
    };
    feed(&mut fuel);
    let mut turns = Vec::new();
    let mut turn = guest.resume(Input::Call(call.entry, &call.argument), &mut fuel);
    loop {
        match &turn {
            Turn::Asks(code, asked) => {
                let answer: Vec<u8> = code.to_le_bytes().into_iter().chain(asked.iter().rev().copied()).collect();
                turns.push(turn.clone());
                turn = guest.resume(Input::Answer(&answer), &mut fuel);
            }
            Turn::Hungry if feed(&mut fuel) > 0 => turn = guest.resume(Input::Fuel, &mut fuel),
            _ => break,
        }
    }
    turns.push(turn);
    Outcome { turns, burnt: given - fuel }
}

/// Checks a module, and runs it where it may be published.
pub fn survives(code: &[u8]) {
    if check(code).is_err() {
        return;
    }
    let call = Call { argument: b"argument".to_vec(), portions: vec![2_000], fuel: 100_000, ..operation() };
    let outcomes = run(code, &[call.clone(), call.clone(), call]);
    let faulty = outcomes.iter().flat_map(|outcome| &outcome.turns).find(|turn| matches!(turn, Turn::Faults(_)));
    // A guest that starved or trapped is not at rest: calling it again is a fault of the test.
    let is_at_rest = matches!(outcomes[0].turns.last(), Some(Turn::Returns(_)));
    assert!(faulty.is_none() || !is_at_rest || outcomes[1].turns.last() == Some(&Turn::Hungry), "{faulty:?}");
}
