//! The [`Store`] seam and its engines: ordered rows, read through views and written as one atomic durable batch.
//!
//! It is not a cache and knows no row's meaning: what a key says is decided by the crates that write it, except that its
//! first byte names a table. Merging the batches of many chains into one commit happens above this seam.

#[cfg(not(target_arch = "wasm32"))]
pub mod embedded;
pub mod memory;
pub mod store;

#[cfg(not(target_arch = "wasm32"))]
pub use embedded::Embedded;
pub use memory::Memory;
pub use store::{CommitError, ReadError, Store};
