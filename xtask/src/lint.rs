//! `cargo xtask lint`: what a reader should never have to point out. Warnings are errors here and only here.

use crate::process::{self, cargo, has_subcommand};
use anyhow::Result;

/// Checks format, clippy, documentation links and, where cargo-deny is installed, what we depend on.
pub fn run() -> Result<()> {
    process::run(&mut cargo("fmt --all --check"))?;
    process::run(&mut cargo("clippy --workspace --all-targets -- -D warnings"))?;
    process::run(&mut cargo(AS_CONTRACTS_SEE_IT))?;
    process::run(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    if has_subcommand("deny") {
        process::run(&mut cargo("deny check bans licenses sources"))?;
    }
    Ok(())
}

/// Contracts lean on these crates without their default features, which nothing else in the workspace builds.
const AS_CONTRACTS_SEE_IT: &str =
    "clippy --package myceline-types --package myceline-state --no-default-features -- -D warnings";
