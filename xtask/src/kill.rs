//! `cargo xtask kill`: validator processes killed with -9 in the middle of a load.
//!
//! The short form is part of `cargo xtask test`; here it prints what it counts, and `--full` kills twenty times within
//! 10,000 blocks.

use crate::process::{self, cargo};
use anyhow::Result;

/// The test that kills.
const KILL: &str = "test --package myceline-cli --test kill -- --nocapture";

/// Kills, and holds what is left against all that was said.
pub fn run(full: bool) -> Result<()> {
    let mut command = cargo(KILL);
    if full {
        command.env(process::FULL, "1");
    }
    process::run(&mut command)
}
