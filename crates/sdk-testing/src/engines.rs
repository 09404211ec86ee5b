//! The two engines, one of each for the whole process, so that a module is compiled once.

use myceline_node::Engine;
use myceline_wasm::{Interpreter, Wasmtime};
use std::sync::{Arc, OnceLock};

static COMPILED: OnceLock<Arc<Wasmtime>> = OnceLock::new();
static INTERPRETED: OnceLock<Arc<Interpreter>> = OnceLock::new();

/// Makes machine code.
pub(crate) fn compiled() -> Arc<dyn Engine> {
    let make = || Arc::new(Wasmtime::new().unwrap_or_else(|why| panic!("{why}")));
    COMPILED.get_or_init(make).clone()
}

/// Interprets.
pub(crate) fn interpreted() -> Arc<dyn Engine> {
    let make = || Arc::new(Interpreter::new().unwrap_or_else(|why| panic!("{why}")));
    INTERPRETED.get_or_init(make).clone()
}

/// The engine of the validator at a place: a quorum always has both.
pub(crate) fn of_validator(place: u8) -> Arc<dyn Engine> {
    if place.is_multiple_of(2) { compiled() } else { interpreted() }
}
