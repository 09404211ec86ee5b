//! Validators in this process: what they do together, and what a power cut leaves of one.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod kit;
mod network;
mod power_cut;
