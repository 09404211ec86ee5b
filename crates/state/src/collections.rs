//! Typed collections: names for parts of the entries, with what is stored there and how.
//!
//! A collection is a handle, a prefix of keys and some types. It holds no data and borrows nothing: the entries are
//! given to each call, so handles can be constants and two of them can be used at once.
//!
//! ```
//! use myceline_state::{Map, MemorySnapshot, Overlay, Queue, Register};
//!
//! const GREETING: Register<String> = Register::new(b"g");
//! const SCORES: Map<u64, u32> = Map::new(b"s");
//!
//! let mut entries = Overlay::new(MemorySnapshot::new(), *b"one chain's prefix");
//! GREETING.set(&mut entries, &"hello".to_string());
//! SCORES.insert(&mut entries, &7, &100);
//! assert_eq!(SCORES.get(&entries, &7)?, Some(100));
//! # Ok::<(), myceline_state::Absent>(())
//! ```
//!
//! No prefix of a collection may begin with that of another one: one leading byte each is the simplest way.
//! An entry that was removed leaves no trace, so equal contents have equal entries and an equal root; the positions
//! of a queue that is not empty are part of its contents.

mod family;
mod log;
mod map;
mod queue;
mod register;
mod set;
#[cfg(test)]
mod tests;

pub use family::Family;
pub use log::Log;
pub use map::Map;
pub use queue::Queue;
pub use register::Register;
pub use set::Set;

use crate::snapshot::{Key, Value};
use myceline_types::encoding;
use serde::{Serialize, de::DeserializeOwned};
use smallvec::SmallVec;
use std::ops::Deref;

/// What the keys of a collection begin with.
#[derive(Debug, Clone)]
enum Prefix {
    Borrowed(&'static [u8]),
    Owned(Key),
}

impl Deref for Prefix {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Prefix::Borrowed(prefix) => prefix,
            Prefix::Owned(prefix) => prefix,
        }
    }
}

/// Collections that can be put anywhere, for instance into a [`Family`].
pub trait Collection {
    /// This kind of collection under the keys that begin with `prefix`.
    fn at(prefix: Key) -> Self;
}

/// What is stored for a value.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Value {
    // Room for most rows, so that the value is written once and copied once.
    let mut bytes = SmallVec::<[u8; 2048]>::new();
    encoding::write_to(&mut bytes, value);
    Value::new(&bytes)
}

/// Decodes what this crate stored.
fn decode<T: DeserializeOwned>(value: &[u8]) -> T {
    encoding::from_bytes(value).expect("what is under a collection's prefix was written by that collection")
}
