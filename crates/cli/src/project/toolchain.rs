//! The part of the Rust toolchain that compiles for Wasm.

use super::run;
use crate::{CliError, Code};
use myceline_sdk_testing::has_target;
use std::{
    path::Path,
    process::{Command, Stdio},
};

pub use myceline_sdk_testing::WASM;

/// Sees to it that a project's toolchain can compile for Wasm: through rustup where it is missing and rustup is there.
pub fn ensure_wasm(dir: &Path) -> Result<(), CliError> {
    if has_target(dir) {
        return Ok(());
    }
    if !has_rustup() {
        return Err(CliError::new(Code::NotFound, format_args!("this Rust cannot compile for {WASM}"))
            .hint(format!("with rustup (https://rustup.rs): rustup target add {WASM}"))
            .hint("with Debian's Rust: apt install libstd-rust-dev-wasm32"));
    }
    run(Command::new("rustup").current_dir(dir).args(["target", "add", WASM]))
}

fn has_rustup() -> bool {
    let asked = Command::new("rustup").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
