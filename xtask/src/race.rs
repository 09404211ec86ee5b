//! `cargo xtask race`: two wallets of one owner make blocks at the same moment, as often as asked for, and what that costs.
//!
//! A short form of the same test runs in `cargo xtask test`.

use crate::process::{self, cargo};
use anyhow::Result;

/// Runs the race test optimized, with its figures shown.
pub fn run(times: u32) -> Result<()> {
    let test = "test --release --package myceline-client --test client racing:: -- --nocapture";
    process::run(cargo(test).env("MYCELINE_RACES", times.to_string()))
}
