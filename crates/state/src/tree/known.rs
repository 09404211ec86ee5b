//! Entries read with the help of their tree: it is in memory and knows of many keys that there is no entry, for which a store
//! would have to look everywhere.

use super::{
    Tree,
    node::{Hasher, Kind, bit_of},
};
use crate::snapshot::{Absent, Key, Snapshot, Value};

/// The rows of a store, where those of one chain's entries are as `tree` says.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a, S> {
    /// The tree over the entries.
    pub tree: &'a Tree,
    /// All rows.
    pub rows: S,
}

impl<S: Snapshot> Snapshot for Known<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        match key.strip_prefix(&self.tree.space.entries[..]) {
            Some(entry) if self.tree.lacks(entry) => Ok(None),
            _ => self.rows.get(key),
        }
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        self.rows.scan(prefix, start, limit)
    }
}

impl Tree {
    /// Whether it is known without reading anything that there is no entry under `key`.
    pub fn lacks(&self, key: &[u8]) -> bool {
        let Some(mut node) = self.root.as_ref() else { return true };
        let key = Hasher::default().plain(key);
        loop {
            match &node.kind {
                Kind::Leaf(_) => return node.path != key,
                Kind::Fork { bit, sides } => node = &sides[usize::from(bit_of(&key, *bit))],
                Kind::Stub { .. } => return false,
            }
        }
    }
}
