//! The part of the Rust toolchain that compiles for Wasm.

use super::run;
use crate::{CliError, Code};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What applications are compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Sees to it that a project's toolchain can compile for Wasm: through rustup where it is missing and rustup is there.
pub fn ensure_wasm(dir: &Path) -> Result<(), CliError> {
    if sysroot(dir)?.join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    if !has_rustup() {
        return Err(CliError::new(Code::NotFound, format_args!("this Rust cannot compile for {WASM}"))
            .hint(format!("with rustup (https://rustup.rs): rustup target add {WASM}"))
            .hint("with Debian's Rust: apt install libstd-rust-dev-wasm32"));
    }
    run(Command::new("rustup").current_dir(dir).args(["target", "add", WASM]))
}

/// Where the toolchain lies that a project uses.
fn sysroot(dir: &Path) -> Result<PathBuf, CliError> {
    let asked = Command::new("rustc").current_dir(dir).args(["--print", "sysroot"]).output();
    let output = asked.map_err(|error| {
        CliError::new(Code::NotFound, "cannot run rustc").because(&error).hint("install Rust: https://rustup.rs")
    })?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn has_rustup() -> bool {
    let asked = Command::new("rustup").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
