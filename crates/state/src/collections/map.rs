//! Values by key, in the order of the keys.

use super::{Collection, Prefix, decode, encode};
use crate::{
    key::{KeyBuffer, OrderedKey},
    overlay::Entries,
    snapshot::{Absent, Key, Snapshot},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, ops::Bound};

/// Values by key. One entry per key, and none beside: a map does not know how many keys it has.
#[derive(Debug, Clone)]
pub struct Map<K, V> {
    prefix: Prefix,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Map<K, V> {
    /// The map under this prefix.
    pub const fn new(prefix: &'static [u8]) -> Map<K, V> {
        Map { prefix: Prefix::Borrowed(prefix), types: PhantomData }
    }
}

impl<K, V> Collection for Map<K, V> {
    fn at(prefix: Key) -> Map<K, V> {
        Map { prefix: Prefix::Owned(prefix), types: PhantomData }
    }
}

impl<K: OrderedKey, V: Serialize + DeserializeOwned> Map<K, V> {
    /// The entry in which the value under `key` is: what a proof of it names.
    pub fn entry_of(&self, key: &K) -> Key {
        key.encode_under(&self.prefix)
    }

    /// The value under `key`.
    pub fn get<S: Snapshot + ?Sized>(&self, entries: &S, key: &K) -> Result<Option<V>, Absent> {
        Ok(entries.get(&key.bytes_under(&self.prefix))?.map(|value| decode(&value)))
    }

    /// The value under `key`, or the type's default if there is none.
    pub fn get_or_default<S: Snapshot + ?Sized>(&self, entries: &S, key: &K) -> Result<V, Absent>
    where
        V: Default,
    {
        Ok(self.get(entries, key)?.unwrap_or_default())
    }

    /// Whether there is a value under `key`.
    pub fn contains<S: Snapshot + ?Sized>(&self, entries: &S, key: &K) -> Result<bool, Absent> {
        Ok(entries.get(&key.bytes_under(&self.prefix))?.is_some())
    }

    /// Stores `value` under `key`, in place of any other.
    pub fn insert<E: Entries + ?Sized>(&self, entries: &mut E, key: &K, value: &V) {
        entries.put(key.encode_under(&self.prefix), encode(value));
    }

    /// Removes `key` and its value, if it is there.
    pub fn remove<E: Entries + ?Sized>(&self, entries: &mut E, key: &K) {
        entries.delete(key.encode_under(&self.prefix));
    }

    /// At most `limit` keys and values from `from` on, in the order of the keys. The next page is from
    /// `Bound::Excluded` of the last key.
    pub fn page<S: Snapshot + ?Sized>(
        &self,
        entries: &S,
        from: Bound<&K>,
        limit: usize,
    ) -> Result<Vec<(K, V)>, Absent> {
        let found = entries.scan(&self.prefix, &self.start(from), limit)?;
        Ok(found.into_iter().map(|(key, value)| (self.decode_key(&key), decode(&value))).collect())
    }

    /// The same page, of each value only what its first `bytes` bytes say: what is not needed is not decoded.
    pub fn page_of_beginnings<T: DeserializeOwned, S: Snapshot + ?Sized>(
        &self,
        entries: &S,
        from: Bound<&K>,
        limit: usize,
        bytes: usize,
    ) -> Result<Vec<(K, T)>, Absent> {
        let found = entries.scan(&self.prefix, &self.start(from), limit)?;
        Ok(found.into_iter().map(|(key, value)| (self.decode_key(&key), decode(&value[..bytes]))).collect())
    }

    /// The first possible key of the store that is not before `from`. No key is a prefix of another one, so a zero
    /// behind a key comes after that key and before all greater ones.
    fn start(&self, from: Bound<&K>) -> KeyBuffer {
        match from {
            Bound::Unbounded => KeyBuffer::from_slice(&self.prefix),
            Bound::Included(key) => key.bytes_under(&self.prefix),
            Bound::Excluded(key) => {
                let mut after = key.bytes_under(&self.prefix);
                after.push(0);
                after
            }
        }
    }

    fn decode_key(&self, mut key: &[u8]) -> K {
        key = &key[self.prefix.len()..];
        K::decode_from(&mut key).expect("what is under a map's prefix was written by that map")
    }
}
