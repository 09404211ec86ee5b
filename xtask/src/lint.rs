//! `cargo xtask lint`: what a reader should never have to point out. Warnings are errors here and only here.

use crate::{
    process::{self, cargo, has_subcommand},
    wasm::{self, TARGET},
};
use anyhow::Result;

/// Checks format, clippy, documentation links and, where cargo-deny is installed, what we depend on.
pub fn run() -> Result<()> {
    process::run(&mut cargo("fmt --all --check"))?;
    process::run(&mut cargo("clippy --workspace --all-targets -- -D warnings"))?;
    process::run(&mut cargo(AS_CONTRACTS_SEE_IT))?;
    check_for_browsers()?;
    process::run(cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))?;
    if has_subcommand("deny") {
        process::run(&mut cargo("deny check bans licenses sources"))?;
    }
    Ok(())
}

/// What browsers run, built for them; contracts see the nouns without signatures. `node` and `sessions` bring all other pure crates.
const FOR_BROWSERS: [&str; 2] = [
    "check --target wasm32-unknown-unknown --package myceline-types --no-default-features",
    "check --target wasm32-unknown-unknown --package myceline-node --package myceline-sessions",
];

/// Checks that the pure crates build for browsers. Where the target can neither be found nor fetched, this says what is missing.
fn check_for_browsers() -> Result<()> {
    if !wasm::has_target() {
        eprintln!("not checked for browsers: install Rust's target {TARGET}, with `rustup target add {TARGET}`");
        return Ok(());
    }
    FOR_BROWSERS.into_iter().try_for_each(|check| process::run(&mut cargo(check)))
}

/// Contracts lean on these crates without their default features, which nothing else in the workspace builds.
const AS_CONTRACTS_SEE_IT: &str =
    "clippy --package myceline-types --package myceline-state --no-default-features -- -D warnings";
