//! A whole store in one ordered map: for tests, simulations and small tools. Cloning it copies everything.

use crate::snapshot::{Absent, Batch, Key, Snapshot, Value};
use std::{
    collections::{BTreeMap, btree_map},
    ops::Bound,
};

/// A snapshot that holds everything, so that it never answers [`Absent`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySnapshot {
    rows: BTreeMap<Key, Value>,
}

impl MemorySnapshot {
    /// A store without rows.
    pub fn new() -> MemorySnapshot {
        MemorySnapshot::default()
    }

    /// Makes all writes of `batch`.
    pub fn apply(&mut self, batch: Batch) {
        for (key, value) in batch {
            match value {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }

    /// All rows in ascending order of keys.
    pub fn iter(&self) -> btree_map::Iter<'_, Key, Value> {
        self.rows.iter()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Snapshot for MemorySnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        Ok(self.rows.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let first = Bound::Included(start.max(prefix));
        let rows = self.rows.range::<[u8], _>((first, Bound::Unbounded));
        let ours = rows.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        Ok(ours.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(keys: &[&str]) -> MemorySnapshot {
        let mut batch = Batch::new();
        keys.iter().for_each(|key| batch.put(key.as_bytes(), []));
        let mut store = MemorySnapshot::new();
        store.apply(batch);
        store
    }

    fn scan(store: &MemorySnapshot, prefix: &str, start: &str, limit: usize) -> Vec<String> {
        let rows = store.scan(prefix.as_bytes(), start.as_bytes(), limit).unwrap();
        rows.into_iter().map(|(key, _)| String::from_utf8(key.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_scan_stays_under_its_prefix_and_within_its_limit() {
        let store = store(&["a", "b", "b1", "b2", "b3", "c"]);
        assert_eq!(scan(&store, "b", "", 9), ["b", "b1", "b2", "b3"]);
        assert_eq!(scan(&store, "b", "b2", 9), ["b2", "b3"]);
        assert_eq!(scan(&store, "b", "b11", 1), ["b2"]);
        assert_eq!(scan(&store, "b", "c", 9), [""; 0]);
        assert_eq!(scan(&store, "", "", 2), ["a", "b"]);
    }

    #[test]
    fn the_last_write_wins_and_removal_of_nothing_is_fine() {
        let mut store = store(&["a"]);
        let mut batch = Batch::new();
        batch.put(b"a", [1]);
        batch.delete(b"a");
        batch.delete(b"z");
        store.apply(batch);
        assert!(store.is_empty());
    }
}
