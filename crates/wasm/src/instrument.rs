//! The rewriting pass: decides whether code may be published, and writes what must be the same everywhere into it.
//!
//! What comes out needs no trust in an engine's own limits: it counts its fuel in a global variable and calls the host when that
//! falls below zero, counts the depth of its calls and traps itself, makes its floats canonical, and has a memory and tables that
//! grow no further than all engines allow.

mod body;
mod cost;
mod floats;
mod pieces;
mod rewrite;
mod surface;

pub use rewrite::Instrumented;

use myceline_execution::engine::{CodeLimits, InvalidModule};
use myceline_types::{BlobKind, guest::Entry};

/// The version of the schedule of costs and of everything else that the pass writes.
pub const METERING: u32 = 0;

/// The module of the imports that the pass adds.
pub const ADDED_IMPORTS: &str = "meter";
/// The host's function that gets more fuel: no parameters, no results.
pub const HUNGRY: &str = "hungry";
/// The global with what is left of the fuel, an i64.
pub const FUEL: &str = "fuel";
/// The global with what is left of the stack, an i32; below zero when a call had no room.
pub const ROOM: &str = "room";
/// The guest's memory.
pub const MEMORY: &str = "memory";

/// Whether code may be published, with a reason that its developer understands if not. Depends on the bytes and the
/// limits only.
pub fn check(kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
    checked(kind, code, limits).map(|_| ())
}

/// Code that may be published, as engines run it.
pub fn checked(kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<Instrumented, InvalidModule> {
    let required: &[Entry] = match kind {
        BlobKind::Contract => &Entry::CONTRACT,
        BlobKind::Service => &[Entry::Query],
        BlobKind::Data | BlobKind::Committee | BlobKind::Application => {
            return Err(refusal("only a contract or a service has code".into()));
        }
    };
    let instrumented = instrument(code, limits)?;
    let missing = required.iter().find(|entry| !instrumented.entries.contains(entry));
    let missing = missing.map(|entry| refusal(format!("it does not export the function `{}`", entry.name())));
    missing.map_or(Ok(instrumented), Err)
}

/// Validates code and writes it again.
pub fn instrument(code: &[u8], limits: CodeLimits) -> Result<Instrumented, InvalidModule> {
    if limits.metering != METERING {
        return Err(refusal(format!("this node does not know version {} of metering", limits.metering)));
    }
    rewrite::rewrite(code, limits.memory_pages)
}

fn refusal(reason: String) -> InvalidModule {
    InvalidModule(reason)
}

/// Turns what the parser says into a reason.
trait Refuse<T> {
    fn refuse(self) -> Result<T, InvalidModule>;
}

impl<T> Refuse<T> for Result<T, wasmparser::BinaryReaderError> {
    fn refuse(self) -> Result<T, InvalidModule> {
        self.map_err(|error| refusal(format!("it is not Wasm that can be published: {error}")))
    }
}
