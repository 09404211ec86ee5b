//! The seam between pure code and storage: ordered keys and values, read synchronously, written as one batch.
//!
//! A snapshot may hold only part of a store. It then answers [`Absent`], which is not an error: the driver
//! fetches what is named and runs the same pure code again.

use byteview::ByteView;
use std::collections::{BTreeMap, btree_map};

/// A key of the store. Its first byte names the table that it belongs to. A short one is where it is held, and of a longer one
/// there are no copies: rows pass from a step to the chain's memory, a group and the tables of an engine.
pub type Key = ByteView;
/// What is stored under a key. Likewise.
pub type Value = ByteView;

/// This snapshot does not hold the answer, so it cannot say yes or no: fetch it and run again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Absent {
    /// The value (or the lack of one) under a key.
    Key(Key),
    /// At most `limit` entries whose keys begin with `prefix` and are not below `start`.
    Range {
        /// What all keys begin with.
        prefix: Key,
        /// The first key of interest, itself beginning with `prefix`.
        start: Key,
        /// How many entries were asked for.
        limit: usize,
    },
}

/// An unchanging view of an ordered key-value store, or of a part of it.
pub trait Snapshot {
    /// The value under `key`, or `None` where the store has none.
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent>;

    /// At most `limit` entries in ascending order whose keys begin with `prefix` and are not below `start`.
    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent>;
}

impl<S: Snapshot + ?Sized> Snapshot for &S {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        (**self).get(key)
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        (**self).scan(prefix, start, limit)
    }
}

impl<S: Snapshot + ?Sized> Snapshot for &mut S {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        (**self).get(key)
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        (**self).scan(prefix, start, limit)
    }
}

/// Writes that become durable together or not at all. The last write to a key wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) writes: BTreeMap<Key, Option<Value>>,
}

impl Batch {
    /// A batch that writes nothing.
    pub fn new() -> Batch {
        Batch::default()
    }

    /// Stores `value` under `key`.
    pub fn put(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.writes.insert(key.into(), Some(value.into()));
    }

    /// Removes what is under `key`, if anything.
    pub fn delete(&mut self, key: impl Into<Key>) {
        self.writes.insert(key.into(), None);
    }

    /// Stores a value under `key`, or removes what is there.
    pub fn write(&mut self, key: impl Into<Key>, value: Option<Value>) {
        self.writes.insert(key.into(), value);
    }

    /// Adds the writes of `later`, which win over ours.
    pub fn extend(&mut self, later: Batch) {
        self.writes.extend(later.writes);
    }

    /// Forgets the write to `key`, if there is one.
    pub fn forget(&mut self, key: &[u8]) {
        self.writes.remove(key);
    }

    /// Forgets the writes to other keys than those that begin with `prefix`.
    pub fn retain_under(&mut self, prefix: &[u8]) {
        self.writes.retain(|key, _| key.starts_with(prefix));
    }

    /// The same writes with `prefix` before every key.
    pub fn under(self, prefix: &[u8]) -> Batch {
        Batch { writes: self.into_iter().map(|(key, value)| (Key::fused(prefix, &key), value)).collect() }
    }

    /// What this batch does to `key`: nothing, remove (`Some(None)`) or store.
    pub fn get(&self, key: &[u8]) -> Option<Option<&Value>> {
        self.writes.get(key).map(Option::as_ref)
    }

    /// The writes in ascending order of keys; `None` removes.
    pub fn iter(&self) -> btree_map::Iter<'_, Key, Option<Value>> {
        self.writes.iter()
    }

    /// How many keys are written.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

impl FromIterator<(Key, Option<Value>)> for Batch {
    /// Of several writes to a key the last wins.
    fn from_iter<I: IntoIterator<Item = (Key, Option<Value>)>>(writes: I) -> Batch {
        Batch { writes: writes.into_iter().collect() }
    }
}

impl IntoIterator for Batch {
    type Item = (Key, Option<Value>);
    type IntoIter = btree_map::IntoIter<Key, Option<Value>>;

    fn into_iter(self) -> Self::IntoIter {
        self.writes.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn batches_taken_together_are_those_added_one_after_the_other(
            batches in vec(vec((0..20u8, any::<Option<u8>>()), 0..10), 0..5),
        ) {
            let batches = batches.into_iter().map(|writes| {
                let mut batch = Batch::new();
                writes.into_iter().for_each(|(key, value)| batch.write([key], value.map(|value| [value].into())));
                batch
            });
            let mut added = Batch::new();
            batches.clone().for_each(|batch| added.extend(batch));
            prop_assert_eq!(batches.into_iter().flatten().collect::<Batch>(), added);
        }
    }
}
