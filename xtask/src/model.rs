//! `cargo xtask model`: the model checker of the consensus rules, with the numbers that it counts.
//!
//! The same searches run in `cargo xtask test`; here they print, and `--full` adds those that take minutes and gigabytes.

use crate::process::{self, cargo};
use anyhow::Result;

/// Runs the searches of the rules and of every dropped rule, one after the other.
pub fn run(full: bool) -> Result<()> {
    let features = if full { " --features full-model" } else { "" };
    let searches = "--test consensus model:: -- --nocapture --test-threads 1";
    process::run(&mut cargo(&format!("test --package myceline-consensus{features} {searches}")))
}
