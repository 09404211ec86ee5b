//! `cargo xtask sim`: seeds of the simulated network, optimized, as many as asked for, or one of them with its story.
//!
//! A fixed number of seeds runs in `cargo xtask test`.

use crate::process::{self, cargo};
use anyhow::Result;

/// Hands the arguments to the simulator.
pub fn run(arguments: &[String]) -> Result<()> {
    process::run(cargo("run --release --package myceline-sim --").args(arguments))
}
