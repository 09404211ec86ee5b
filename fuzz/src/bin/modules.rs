//! Fuzzes modules. Changed bytes are mostly no module any more, so most changes keep a module valid, and some begin anew.
#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls C functions by their names")]

use libfuzzer_sys::arbitrary::Unstructured;
use std::sync::LazyLock;
use wasm_mutate::WasmMutate;

/// Bytes from which a new module is made.
const ENTROPY_BYTES: usize = 4_096;
/// How hard a change is tried for.
const MUTATION_FUEL: u64 = 1_000;

/// What a contract must export and may import.
const SHAPE: &str = r#"(module
    (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
    (import "myceline" "take" (func $take (param i32)))
    (memory (export "memory") 1)
    (func $entry (param i32) (result i64) (i64.const 0))
    (export "instantiate" (func $entry)) (export "execute_operation" (func $entry))
    (export "execute_message" (func $entry)) (export "process_streams" (func $entry)) (export "store" (func $entry)))"#;

static CONFIG: LazyLock<wasm_smith::Config> = LazyLock::new(|| {
    let shape = wat::parse_str(SHAPE).expect("it is a module");
    wasm_smith::Config {
        available_imports: Some(shape.clone()),
        exports: Some(shape),
        // The host's references and garbage collection are not accepted, and come with these.
        reference_types_enabled: false,
        allow_start_export: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        extended_const_enabled: false,
        max_memory32_bytes: 16 << 16,
        max_table_elements: 1_000,
        max_imports: 8,
        // The one that is exported comes in addition.
        max_memories: 0,
        ..wasm_smith::Config::default()
    }
});

libfuzzer_sys::fuzz_target!(|code: &[u8]| fuzz::modules(code));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let changed = match seed % 8 {
        0 => made(seed),
        1..=5 => mutated(&data[..size], seed),
        _ => None,
    };
    match changed.filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            data[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
});

/// A new module.
fn made(seed: u32) -> Option<Vec<u8>> {
    let mut state = u64::from(seed) | 1 << 32;
    let entropy: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(ENTROPY_BYTES)
    .collect();
    let module = wasm_smith::Module::new(CONFIG.clone(), &mut Unstructured::new(&entropy));
    module.ok().map(|module| module.to_bytes())
}

/// A module with one change that leaves it valid, if it is one; of what is none, the library expects too much.
fn mutated(code: &[u8], seed: u32) -> Option<Vec<u8>> {
    fuzz::kit::check(code).ok()?;
    let mut mutation = WasmMutate::default();
    mutation.seed(seed.into()).fuel(MUTATION_FUEL);
    let mut changes = mutation.run(code).ok()?;
    changes.next()?.ok()
}
