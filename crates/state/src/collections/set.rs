//! Keys alone, in their order.

use super::{Collection, Map};
use crate::{
    key::OrderedKey,
    overlay::Entries,
    snapshot::{Absent, Key, Snapshot},
};
use std::ops::Bound;

/// Keys that are in or not. One entry per member, and none beside.
#[derive(Debug, Clone)]
pub struct Set<K> {
    members: Map<K, ()>,
}

impl<K> Set<K> {
    /// The set under this prefix.
    pub const fn new(prefix: &'static [u8]) -> Set<K> {
        Set { members: Map::new(prefix) }
    }
}

impl<K> Collection for Set<K> {
    fn at(prefix: Key) -> Set<K> {
        Set { members: Map::at(prefix) }
    }
}

impl<K: OrderedKey> Set<K> {
    /// Whether `key` is a member.
    pub fn contains<S: Snapshot + ?Sized>(&self, entries: &S, key: &K) -> Result<bool, Absent> {
        self.members.contains(entries, key)
    }

    /// Makes `key` a member.
    pub fn insert<E: Entries + ?Sized>(&self, entries: &mut E, key: &K) {
        self.members.insert(entries, key, &());
    }

    /// Makes `key` no member.
    pub fn remove<E: Entries + ?Sized>(&self, entries: &mut E, key: &K) {
        self.members.remove(entries, key);
    }

    /// At most `limit` members from `from` on, in order; see [`Map::page`].
    pub fn page<S: Snapshot + ?Sized>(&self, entries: &S, from: Bound<&K>, limit: usize) -> Result<Vec<K>, Absent> {
        Ok(self.members.page(entries, from, limit)?.into_iter().map(|(key, ())| key).collect())
    }
}
