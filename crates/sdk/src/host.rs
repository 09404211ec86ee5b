//! How a guest asks its host. In Wasm that is two imported functions; natively it is the [mock](crate::mock) of this thread,
//! so that unit tests run the very code that a network runs.

#[cfg(target_arch = "wasm32")]
mod heap;
#[cfg(not(target_arch = "wasm32"))]
#[path = "host/native.rs"]
mod raw;
#[cfg(target_arch = "wasm32")]
#[path = "host/wasm.rs"]
mod raw;

use myceline_types::{
    encoding,
    guest::{self, Question},
};
use serde::de::DeserializeOwned;
use std::{cell::Cell, panic};

/// Asks the host and waits for its answer. What is not allowed ends the transaction instead of answering.
pub fn ask<Q: Question>(asked: &Q::Asked) -> Q::Answer {
    decode(&raw::ask(Q::CODE, &encoding::to_bytes(asked)))
}

/// The argument of the entry point that runs, which has so many bytes.
pub fn argument(length: u32) -> Vec<u8> {
    raw::take(length)
}

/// Hands bytes to the host as an entry point returns them: where they are and how many. They stay there until the next time.
pub fn give(bytes: Vec<u8>) -> i64 {
    raw::give(bytes)
}

/// What somebody encoded for this contract; a panic where they did not, which ends the transaction.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> T {
    match encoding::from_bytes(bytes) {
        Ok(value) => value,
        Err(why) => panic!("{why}"),
    }
}

/// Makes a panic reach whoever called the contract, with its text, file and line.
pub fn report_panics() {
    thread_local!(static IS_SET: Cell<bool> = const { Cell::new(false) });
    if !IS_SET.replace(true) {
        panic::set_hook(Box::new(|panic| ask::<guest::Panic>(&panic_text(panic))));
    }
}

fn panic_text(panic: &panic::PanicHookInfo<'_>) -> String {
    let text = panic.payload_as_str().unwrap_or("panicked");
    match panic.location() {
        Some(place) => format!("{text}, {}:{}", place.file(), place.line()),
        None => text.to_string(),
    }
}
