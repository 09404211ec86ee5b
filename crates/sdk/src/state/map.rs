//! Values by key, in the order of the keys.

use super::{Storage, present, walk};
use myceline_state::OrderedKey;
use serde::{Serialize, de::DeserializeOwned};
use std::ops::Bound;

/// Values by key. It does not know how many keys it has: count them in a [`Register`](super::Register) where that matters.
#[derive(Debug, Clone)]
pub struct Map<K, V> {
    pub(super) inner: myceline_state::Map<K, V>,
}

impl<K: OrderedKey, V: Serialize + DeserializeOwned> Map<K, V> {
    /// The value under `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        present(self.inner.get(&Storage::new(), key))
    }

    /// The value under `key`, or the type's default if there is none.
    pub fn get_or_default(&self, key: &K) -> V
    where
        V: Default,
    {
        self.get(key).unwrap_or_default()
    }

    /// Whether there is a value under `key`.
    pub fn contains_key(&self, key: &K) -> bool {
        present(self.inner.contains(&Storage::new(), key))
    }

    /// Stores `value` under `key`, in place of any other.
    pub fn insert(&mut self, key: &K, value: V) {
        self.inner.insert(&mut Storage::new(), key, &value);
    }

    /// Changes the value under `key`, or the type's default if there is none, and stores it.
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default,
    {
        let mut value = self.get_or_default(key);
        let result = change(&mut value);
        self.insert(key, value);
        result
    }

    /// Removes `key` and its value, if it is there.
    pub fn remove(&mut self, key: &K) {
        self.inner.remove(&mut Storage::new(), key);
    }

    /// All keys and values in the order of the keys. What is inserted meanwhile behind the place reached may be seen or not.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)>
    where
        K: Clone,
        V: Clone,
    {
        self.iter_from(Bound::Unbounded)
    }

    /// Keys and values from a key on, in the order of the keys.
    pub fn iter_from(&self, from: Bound<K>) -> impl Iterator<Item = (K, V)>
    where
        K: Clone,
        V: Clone,
    {
        walk(move |last: Option<&(K, V)>, limit| match last {
            Some((key, _)) => self.page(Bound::Excluded(key), limit),
            None => self.page(from.as_ref(), limit),
        })
    }

    /// All keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = K>
    where
        K: Clone,
        V: Clone,
    {
        self.iter().map(|(key, _)| key)
    }

    /// At most `limit` keys and values from a key on. The next page is from `Bound::Excluded` of the last key.
    pub fn page(&self, from: Bound<&K>, limit: usize) -> Vec<(K, V)> {
        present(self.inner.page(&Storage::new(), from, limit))
    }
}
