//! What is fuzzed: one function for each kind of bytes that applications give to validators. It returns when all is well.
//!
//! `cargo xtask fuzz` guides them by coverage; a test of this package replays what it kept in `corpus`.

#[path = "../../crates/wasm/tests/kit/mod.rs"]
#[expect(missing_docs, reason = "it is a test's")]
pub mod kit;
#[path = "../../crates/execution/tests/system/puppet.rs"]
#[expect(dead_code, reason = "its own tests use the rest")]
mod puppet;
mod questions;
#[path = "../../crates/execution/tests/system/world.rs"]
#[expect(dead_code, reason = "its own tests use the rest")]
mod world;

pub use questions::questions;

/// Code of an application: it cannot be published, or both engines run it and agree on results and fuel.
pub fn modules(code: &[u8]) {
    kit::survives(code);
}
