//! `cargo xtask test`: everything that proves the project.
//!
//! The order is from quick to slow, and the tests proper come last so that the output ends with their summary.

use crate::{
    contracts,
    process::{self, cargo, has_subcommand},
    tidy,
};
use anyhow::Result;

/// Runs tidy, the examples in the documentation, then all other tests of the workspace, whose applications are built for Wasm
/// before that, all at once.
pub fn run() -> Result<()> {
    tidy::run()?;
    process::run(&mut cargo("test --workspace --doc"))?;
    contracts::build()?;
    process::run(&mut cargo(test_runner()))
}

/// nextest runs tests in parallel across crates and stops those that hang; the plain runner proves as much, later.
fn test_runner() -> &'static str {
    if has_subcommand("nextest") {
        "nextest run --workspace --no-fail-fast"
    } else {
        "test --workspace --lib --bins --tests --no-fail-fast"
    }
}
