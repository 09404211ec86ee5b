//! Typed collections over an ordered key-value [`Snapshot`], with an overlay that can be rolled back and
//! committed as one [`Batch`], and an authenticated root over what is stored.

pub mod snapshot;

pub use snapshot::{Absent, Batch, Key, Snapshot, Value};
