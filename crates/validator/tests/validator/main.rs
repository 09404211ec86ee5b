//! Validators in this process: what they do together, what they refuse, and what a power cut leaves of one.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod bad_input;
mod kit;
mod network;
mod power_cut;
mod producing;
