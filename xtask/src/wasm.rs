//! Rust's target for Wasm, which browsers and contracts are built for: found, or fetched where rustup can.

use crate::process;
use std::{path::Path, process::Command};

/// Its name.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Whether this Rust has the target, after trying to fetch it.
pub fn has_target() -> bool {
    if !is_installed() {
        // Without rustup, or without a network, the next question is answered as before.
        let _ = process::run(Command::new("rustup").args(["target", "add", TARGET]));
    }
    is_installed()
}

/// Whether this Rust has the libraries of the target, however it was installed.
fn is_installed() -> bool {
    let mut rustc = Command::new("rustc");
    let folder = process::output(rustc.args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
