//! The nouns of the protocol and their one canonical encoding. No behaviour beyond what a noun can know by itself.

pub mod encoding;
pub mod hash;

pub use hash::Hash;
