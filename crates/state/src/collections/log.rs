//! Values in the order in which they came; all stay and have an index.

use super::{Collection, Map, Register};
use crate::{
    overlay::Entries,
    snapshot::{Absent, Key, Snapshot},
};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::Bound;

/// Append-only, indexed from zero. One entry per value and one for the length.
#[derive(Debug, Clone)]
pub struct Log<T> {
    len: Register<u64>,
    values: Map<u64, T>,
}

impl<T> Log<T> {
    /// The log under this prefix.
    pub const fn new(prefix: &'static [u8]) -> Log<T> {
        Log { len: Register::new(prefix), values: Map::new(prefix) }
    }
}

impl<T> Collection for Log<T> {
    fn at(prefix: Key) -> Log<T> {
        Log { len: Register::at(prefix.clone()), values: Map::at(prefix) }
    }
}

impl<T: Serialize + DeserializeOwned> Log<T> {
    /// How many values were appended, which is the index of the next one.
    pub fn len<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<u64, Absent> {
        self.len.get_or_default(entries)
    }

    /// Whether nothing was appended yet.
    pub fn is_empty<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<bool, Absent> {
        Ok(self.len(entries)? == 0)
    }

    /// Appends `value` and answers its index.
    pub fn append<E: Entries + ?Sized>(&self, entries: &mut E, value: &T) -> Result<u64, Absent> {
        let index = self.len(entries)?;
        self.values.insert(entries, &index, value);
        self.len.set(entries, &(index + 1));
        Ok(index)
    }

    /// The value with this index.
    pub fn get<S: Snapshot + ?Sized>(&self, entries: &S, index: u64) -> Result<Option<T>, Absent> {
        self.values.get(entries, &index)
    }

    /// At most `limit` values in order, from index `from` on.
    pub fn page<S: Snapshot + ?Sized>(&self, entries: &S, from: u64, limit: usize) -> Result<Vec<T>, Absent> {
        Ok(self.values.page(entries, Bound::Included(&from), limit)?.into_iter().map(|(_, value)| value).collect())
    }
}
