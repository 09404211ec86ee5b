//! What guests cost on one core: the table of docs/performance/wasm.md.
//!
//! The best of many short rounds, which on a busy machine comes closest to the cost itself. Loops are measured with the
//! metering that the pass writes and without it, on an engine of the same settings.

use myceline_execution::engine::{CodeLimits, Engine, Guest, Input, Turn};
use myceline_types::{BlobId, BlobKind, Hash, guest::Entry};
use myceline_wasm::{Interpreter, METERING, Wasmtime};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const LIMITS: CodeLimits = CodeLimits { metering: METERING, memory_pages: 64 };
const ROUNDS: usize = 30;
/// How often a round repeats what is short.
const REPEATS: u32 = 1_000;
/// Iterations of the loops.
const ITERATIONS: u32 = 1_000_000;

const SHORT: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 17) (data (i32.const 65536) "some data")
    (func (export "execute_operation") (param i32) (result i64) (i64.const 0))
    (func (export "execute_message") (param i32) (result i64)
        (drop (call $ask (i32.const 1) (i32.const 0) (i32.const 32))) (call $take (i32.const 0)) (i64.const 0)))"#;

/// Loops that take the number of iterations from a parameter.
const LOOPS: [(&str, &str); 6] = [
    ("adds to a sum", "(local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))"),
    (
        "hashes a number (five operations that wait for each other)",
        "(local.set 1 (i64.mul (i64.xor (i64.rotl (local.get 1) (i64.const 13)) (i64.extend_i32_u (local.get 0))) (i64.const 0x9e3779b97f4a7c15)))",
    ),
    (
        "reads and writes memory",
        "(i64.store (i32.and (local.get 0) (i32.const 0xfff8)) (i64.add (i64.load (i32.and (i32.mul (local.get 0) (i32.const 8)) (i32.const 0xfff8))) (i64.const 1)))",
    ),
    (
        "branches on every number",
        "(if (i32.and (local.get 0) (i32.const 4)) (then (local.set 1 (i64.add (local.get 1) (i64.const 3)))) (else (local.set 1 (i64.xor (local.get 1) (i64.const 5)))))",
    ),
    (
        "sorts: compares two numbers in memory and swaps them",
        "(local.set 2 (i32.and (i32.mul (local.get 0) (i32.const 40)) (i32.const 0xffe8))) (if (i64.gt_u (i64.load (local.get 2)) (i64.load offset=8 (local.get 2))) (then (local.set 1 (i64.load (local.get 2))) (i64.store (local.get 2) (i64.load offset=8 (local.get 2))) (i64.store offset=8 (local.get 2) (local.get 1))) (else (i64.store (local.get 2) (i64.add (i64.load (local.get 2)) (i64.extend_i32_u (local.get 0))))))",
    ),
    ("calls a function", "(local.set 1 (call $inner (local.get 1)))"),
];

fn main() {
    let compiled = Wasmtime::new().expect("an engine");
    let interpreted = Interpreter::new().expect("an engine");
    println!("| what | Wasmtime, µs | interpreter, µs |\n|---|---|---|");
    short(&compiled, &interpreted);
    loops(&compiled, &interpreted);
    compilation();
}

/// What a module costs before its first instance: checked at publish, compiled once by each process.
fn compilation() {
    let body = "(local.set 1 (i64.add (i64.rotl (i64.xor (local.get 1) (i64.load (local.get 0))) (i64.const 7)) (i64.const 12345)))";
    let functions =
        format!("(func (param i32) (result i64) (local i64) {} (local.get 1))", body.repeat(20)).repeat(500);
    let text = format!(
        r#"(module (memory (export "memory") 1) {functions} (func (export "handle_query") (param i32) (result i64) (i64.const 0)))"#
    );
    let code = wat::parse_str(text).expect("a module");
    let blob = BlobId { kind: BlobKind::Service, hash: Hash::of_parts(&[&code]) };
    let engines: [&dyn Fn() -> Box<dyn Engine>; 2] =
        [&|| Box::new(Wasmtime::new().expect("an engine")), &|| Box::new(Interpreter::new().expect("an engine"))];
    let engine = engines[1]();
    let check = best(3, || engine.check(BlobKind::Service, &code, LIMITS).expect("a service"));
    let compile = engines.map(|engine| {
        let engines: Vec<Box<dyn Engine>> = (0..3).map(|_| engine()).collect();
        let mut engines = engines.into_iter();
        best(3, || drop(engines.next().map(|engine| engine.instantiate(blob, &code, LIMITS)))).as_millis()
    });
    let [compiled, interpreted] = compile;
    println!(
        "\nA module of {} KB: check {} ms, Wasmtime {compiled} ms, interpreter {interpreted} ms",
        code.len() / 1_000,
        check.as_millis()
    );
}

fn short(compiled: &dyn Engine, interpreted: &dyn Engine) {
    let both = |name: &str, cost: &dyn Fn(&dyn Engine) -> f64| {
        println!("| {name} | {:.2} | {:.2} |", cost(compiled), cost(interpreted));
    };
    both("instantiate and drop", &|engine| micros(REPEATS, || drop(instance(engine, SHORT))));
    both("instantiate, an empty call, drop", &|engine| {
        micros(REPEATS, || drop(call(&mut *instance(engine, SHORT), Entry::Operation)))
    });
    both("an empty call", &|engine| {
        let mut guest = instance(engine, SHORT);
        micros(REPEATS, || call(&mut *guest, Entry::Operation))
    });
    both("a call with a question of 32 bytes and its answer", &|engine| {
        let mut guest = instance(engine, SHORT);
        micros(REPEATS, || call(&mut *guest, Entry::Message))
    });
}

fn loops(compiled: &dyn Engine, interpreted: &dyn Engine) {
    println!("\n| loop | plain, ns | metered, ns | ratio | interpreted, ns | fuel each |\n|---|---|---|---|---|---|");
    for (name, body) in LOOPS {
        let text = looping(body);
        let (metered, fuel) = metered(compiled, &text, ROUNDS, ITERATIONS);
        let (slow, _) = self::metered(interpreted, &text, ROUNDS, ITERATIONS / 10);
        let plain = plain(&text);
        println!("| {name} | {plain:.2} | {metered:.2} | {:.2} | {slow:.1} | {fuel:.1} |", metered / plain);
    }
}

/// A module whose operation does something again and again, and gives what came of it.
fn looping(body: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 2)
        (func $inner (param i64) (result i64) (i64.rotl (i64.add (local.get 0) (i64.const 1)) (i64.const 3)))
        (func $run (param i32) (result i64) (local i64 i32)
            (loop {body} (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func (export "execute_operation") (param i32) (result i64)
            (i64.store (i32.const 0) (call $run (i32.mul (local.get 0) (i32.const 10000)))) (i64.const 8))
        (func (export "plain") (param i32) (result i64) (call $run (local.get 0))))"#
    )
}

/// Nanoseconds and fuel of an iteration. The length of the argument, times ten thousand, is the number of iterations.
fn metered(engine: &dyn Engine, text: &str, rounds: usize, iterations: u32) -> (f64, f64) {
    let mut guest = instance(engine, text);
    let argument = vec![0; usize::try_from(iterations / 10_000).unwrap_or_default()];
    let mut fuel = i64::MAX;
    let time = best(rounds, || guest.resume(Input::Call(Entry::Operation, &argument), &mut fuel));
    let burnt = (i64::MAX - fuel) as f64 / rounds as f64;
    (time.as_secs_f64() * 1e9 / f64::from(iterations), burnt / f64::from(iterations))
}

/// Nanoseconds of an iteration without metering.
fn plain(text: &str) -> f64 {
    let engine = wasmtime::Engine::default();
    let module = wasmtime::Module::new(&engine, wat::parse_str(text).expect("a module")).expect("a module");
    let mut store = wasmtime::Store::new(&engine, ());
    let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("an instance");
    let run = instance.get_typed_func::<u32, u64>(&mut store, "plain").expect("a function");
    let time = best(ROUNDS, || run.call(&mut store, ITERATIONS).expect("a result"));
    time.as_secs_f64() * 1e9 / f64::from(ITERATIONS)
}

fn instance(engine: &dyn Engine, text: &str) -> Box<dyn Guest> {
    let blob = BlobId { kind: BlobKind::Contract, hash: Hash::of_parts(&[text.as_bytes()]) };
    if let Some(guest) = engine.cached(blob, LIMITS).expect("an instance") {
        return guest;
    }
    engine.instantiate(blob, &wat::parse_str(text).expect("a module"), LIMITS).expect("an instance")
}

fn call(guest: &mut dyn Guest, entry: Entry) -> Turn {
    let mut fuel = i64::MAX;
    let mut turn = guest.resume(Input::Call(entry, b"argument"), &mut fuel);
    while let Turn::Asks(..) = turn {
        turn = guest.resume(Input::Answer(&[7; 32]), &mut fuel);
    }
    assert!(matches!(turn, Turn::Returns(_)), "{turn:?}");
    turn
}

fn micros<T>(repeats: u32, mut work: impl FnMut() -> T) -> f64 {
    let time = best(ROUNDS, || (0..repeats).for_each(|_| drop(black_box(work()))));
    time.as_secs_f64() * 1e6 / f64::from(repeats)
}

fn best<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let round = |_| {
        let start = Instant::now();
        drop(black_box(work()));
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}
