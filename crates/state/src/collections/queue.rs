//! Values in the order in which they came; the oldest leaves first.

use super::{Collection, Map, Register};
use crate::{
    overlay::Entries,
    snapshot::{Absent, Key, Snapshot},
};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::{Bound, Range};

/// First in, first out. One entry per value, at its position, and one for the positions that are taken; an empty
/// queue has no entry.
#[derive(Debug, Clone)]
pub struct Queue<T> {
    taken: Register<Range<u64>>,
    values: Map<u64, T>,
}

impl<T> Queue<T> {
    /// The queue under this prefix.
    pub const fn new(prefix: &'static [u8]) -> Queue<T> {
        Queue { taken: Register::new(prefix), values: Map::new(prefix) }
    }
}

impl<T> Collection for Queue<T> {
    fn at(prefix: Key) -> Queue<T> {
        Queue { taken: Register::at(prefix.clone()), values: Map::at(prefix) }
    }
}

impl<T: Serialize + DeserializeOwned> Queue<T> {
    /// How many values wait.
    pub fn len<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<u64, Absent> {
        let taken = self.taken(entries)?;
        Ok(taken.end - taken.start)
    }

    /// Whether none waits.
    pub fn is_empty<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<bool, Absent> {
        Ok(self.taken(entries)?.is_empty())
    }

    /// Adds `value` as the last one.
    pub fn push<E: Entries + ?Sized>(&self, entries: &mut E, value: &T) -> Result<(), Absent> {
        let taken = self.taken(entries)?;
        self.values.insert(entries, &taken.end, value);
        self.taken.set(entries, &(taken.start..taken.end + 1));
        Ok(())
    }

    /// The first value, which stays.
    pub fn front<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<Option<T>, Absent> {
        self.values.get(entries, &self.taken(entries)?.start)
    }

    /// Removes the first value and answers it.
    pub fn pop<E: Entries + ?Sized>(&self, entries: &mut E) -> Result<Option<T>, Absent> {
        let Range { start, end } = self.taken(entries)?;
        let Some(value) = self.values.get(entries, &start)? else { return Ok(None) };
        self.values.remove(entries, &start);
        match start + 1 == end {
            true => self.taken.clear(entries),
            false => self.taken.set(entries, &(start + 1..end)),
        }
        Ok(Some(value))
    }

    /// At most `limit` values in order, without the first `skip`.
    pub fn page<S: Snapshot + ?Sized>(&self, entries: &S, skip: u64, limit: usize) -> Result<Vec<T>, Absent> {
        let from = self.taken(entries)?.start.saturating_add(skip);
        Ok(self.values.page(entries, Bound::Included(&from), limit)?.into_iter().map(|(_, value)| value).collect())
    }

    fn taken<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<Range<u64>, Absent> {
        self.taken.get_or_default(entries)
    }
}
