//! Keys alone, in their order.

use super::{Storage, present, walk};
use myceline_state::OrderedKey;
use std::ops::Bound;

/// Keys that are in or not.
#[derive(Debug, Clone)]
pub struct Set<K> {
    pub(super) inner: myceline_state::Set<K>,
}

impl<K: OrderedKey> Set<K> {
    /// Whether `key` is a member.
    pub fn contains(&self, key: &K) -> bool {
        present(self.inner.contains(&Storage::new(), key))
    }

    /// Makes `key` a member.
    pub fn insert(&mut self, key: &K) {
        self.inner.insert(&mut Storage::new(), key);
    }

    /// Makes `key` no member.
    pub fn remove(&mut self, key: &K) {
        self.inner.remove(&mut Storage::new(), key);
    }

    /// All members in their order.
    pub fn iter(&self) -> impl Iterator<Item = K>
    where
        K: Clone,
    {
        walk(|last: Option<&K>, limit| self.page(last.map_or(Bound::Unbounded, Bound::Excluded), limit))
    }

    /// At most `limit` members from one on. The next page is from `Bound::Excluded` of the last one.
    pub fn page(&self, from: Bound<&K>, limit: usize) -> Vec<K> {
        present(self.inner.page(&Storage::new(), from, limit))
    }
}
