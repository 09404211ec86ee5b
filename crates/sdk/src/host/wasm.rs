//! The two functions that a guest imports. The only unsafe code of the SDK beside the names of exported functions.
//!
//! Why it is sound: both imports are given addresses of live buffers and use them only during the call.
//! - `ask` reads `length` bytes at `at`. They belong to a slice that is borrowed for the whole call.
//! - `take` writes as many bytes at `at` as the host announced just before: the answer to the last `ask`, or the argument of
//!   the entry point. The buffer was made with exactly that length, is initialized, and nothing else refers to it.
//!
//! The host checks the bounds of the guest's memory itself, so even a mistake here could hurt only this guest.
#![allow(unsafe_code)]

use std::cell::RefCell;

#[link(wasm_import_module = "myceline")]
unsafe extern "C" {
    #[link_name = "ask"]
    fn host_ask(code: u32, at: *const u8, length: usize) -> u32;
    #[link_name = "take"]
    fn host_take(at: *mut u8);
}

pub fn ask(code: u32, asked: &[u8]) -> Vec<u8> {
    // SAFETY: the slice is alive during the call, and the host reads no more than its length.
    let length = unsafe { host_ask(code, asked.as_ptr(), asked.len()) };
    take(length)
}

pub fn take(length: u32) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    // SAFETY: the host writes the `length` bytes that it announced, which is the length of this buffer.
    unsafe { host_take(bytes.as_mut_ptr()) };
    bytes
}

pub fn give(bytes: Vec<u8>) -> i64 {
    thread_local!(static GIVEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });
    let (at, length) = (bytes.as_ptr().addr() as u64, bytes.len() as u64);
    GIVEN.set(bytes);
    (at << 32 | length).cast_signed()
}
