//! Typed collections over an ordered key-value [`Snapshot`], with an [`Overlay`] that can be rolled back and
//! committed as one [`Batch`], and an authenticated root over what is stored.
//!
//! What this crate has written it trusts: stored bytes that do not decode mean a damaged store, and the process
//! stops there rather than sign something about it. Data that is merely elsewhere is [`Absent`], an answer.

pub mod collections;
pub mod key;
pub mod layered;
pub mod memory;
pub mod overlay;
pub mod snapshot;
pub mod sparse;
#[cfg(feature = "tree")]
pub mod tree;

pub use collections::{Family, Log, Map, Queue, Register, Set};
pub use key::OrderedKey;
pub use layered::Layered;
pub use memory::MemorySnapshot;
pub use overlay::{Checkpoint, Entries, Overlay};
pub use snapshot::{Absent, Batch, Key, Snapshot, Value};
pub use sparse::Sparse;
#[cfg(feature = "tree")]
pub use tree::{EntrySpace, Proof, ProofError, Tree, Update};
