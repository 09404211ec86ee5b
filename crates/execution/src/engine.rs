//! The seam behind which the code of applications runs.
//!
//! An engine makes guests and runs them a piece at a time; it knows neither state nor questions. A guest that asks
//! stops, and goes on when it is answered. So nothing here borrows the block that is being executed, whoever drives
//! guests can put them aside for as long as it likes, and a call of one application by another is a stack of guests that
//! wait.

use myceline_types::{BlobId, BlobKind, Policy, guest::Entry};

/// Checks and runs code.
pub trait Engine: Send + Sync {
    /// Whether code may be published: everything that could make it fail later for another reason than what it does. The same
    /// everywhere, so it depends on the bytes and the limits only.
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule>;

    /// An instance of the code of a blob, at rest, where the engine knows it: it was checked or called before.
    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault>;

    /// An instance of the code of a blob, at rest; makes it ready where that was not done before.
    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault>;
}

/// What the policy says about code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeLimits {
    /// How fuel is counted.
    pub metering: u32,
    /// Pages of 64 KiB that the memory of an instance may have.
    pub memory_pages: u32,
}

impl CodeLimits {
    /// Those of a policy.
    pub fn of(policy: &Policy) -> CodeLimits {
        CodeLimits { metering: policy.metering, memory_pages: policy.limits.memory_pages }
    }
}

/// An instance: its memory stays as it is between calls.
pub trait Guest: Send {
    /// Runs until the guest stops. `fuel` is what it may burn until then and is less by what it burnt; it goes below zero by
    /// as much as the last straight piece of code took more. What was burnt in all does not depend on how it was portioned.
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn;
}

/// What a guest goes on with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// A call of an entry point; the guest is at rest.
    Call(Entry, &'a [u8]),
    /// The answer to what it asked.
    Answer(&'a [u8]),
    /// More fuel.
    Fuel,
}

/// Where a guest stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It asks: a code and what is asked, as it gave them.
    Asks(u32, Vec<u8>),
    /// It has come to the end of the call, and is at rest.
    Returns(Vec<u8>),
    /// It needs more fuel.
    Hungry,
    /// It cannot go on, now or ever.
    Traps(Trap),
    /// The engine cannot go on: a fault of this machine, which says nothing about the block.
    Faults(EngineFault),
}

/// Why a guest cannot go on. The same on every engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Trap {
    /// It gave up.
    #[error("it reached code that says it is unreachable")]
    Unreachable,
    /// It looked beyond its memory, or a table.
    #[error("it reached beyond its memory")]
    OutOfBounds,
    /// A division by zero, or a number that does not fit.
    #[error("it calculated what has no result")]
    Arithmetic,
    /// An indirect call of something else than it took it for.
    #[error("it called a function that is not there or is of another type")]
    BadCall,
    /// Calls inside calls.
    #[error("its calls are nested too deeply")]
    Stack,
    /// What it gave to the host is not in its memory.
    #[error("it gave the host an address outside of its memory")]
    BadPointer,
    /// An entry point that it does not have.
    #[error("it has no such entry point")]
    NoEntry,
}

/// Code that cannot be published.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidModule(pub String);

/// This machine cannot run what it should be able to run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the engine failed: {0}")]
pub struct EngineFault(pub String);

/// An engine for networks of the native token alone: no code can be published.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeOnly;

impl Engine for NativeOnly {
    fn check(&self, _: BlobKind, _: &[u8], _: CodeLimits) -> Result<(), InvalidModule> {
        Err(InvalidModule("this node runs no applications".into()))
    }

    fn cached(&self, _: BlobId, _: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        Err(EngineFault("this node runs no applications".into()))
    }

    fn instantiate(&self, _: BlobId, _: &[u8], _: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        Err(EngineFault("this node runs no applications".into()))
    }
}
