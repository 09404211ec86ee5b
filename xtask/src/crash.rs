//! `cargo xtask crash`: power cuts at recorded writes, of the bare store and of a validator under load.
//!
//! The same runs are part of `cargo xtask test`; here they print what they count, and `--full` cuts at every write.

use crate::process::{self, cargo};
use anyhow::Result;

/// The program that cuts commits to the bare store.
const STORE: &str = "run --package myceline-storage-crash --bin storage-crash --";
/// The test that cuts a validator.
const VALIDATOR: &str = "test --package myceline-validator --test validator power_cut::nothing -- --nocapture";

/// Cuts both, at 200 writes each or at every one.
pub fn run(full: bool) -> Result<()> {
    if !full {
        process::run(&mut cargo(STORE))?;
        return process::run(&mut cargo(VALIDATOR));
    }
    process::run(&mut cargo(&format!("{STORE} --full")))?;
    process::run(cargo(VALIDATOR).env(process::FULL, "1"))
}
