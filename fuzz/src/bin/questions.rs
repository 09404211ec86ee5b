//! Fuzzes questions of guests.
#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls C functions by their names")]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::questions(bytes));
