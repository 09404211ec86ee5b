//! The entries of the application on this chain, as the host has them.

use crate::host::ask;
use myceline_state::{Absent, Entries, Key, Snapshot, Value};
use myceline_types::{
    encoding::Opaque,
    guest::{self, KeyRange},
};

/// All entries of the application on this chain: raw keys and values. A handle without data.
#[derive(Debug, Clone, Copy)]
pub struct Storage(());

impl Storage {
    pub(crate) const fn new() -> Storage {
        Storage(())
    }

    /// The value under a key.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        ask::<guest::Get>(&Opaque(key.to_vec())).map(|value| value.0)
    }

    /// Stores a value under a key. Contracts only.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        ask::<guest::Put>(&(Opaque(key), Some(Opaque(value))));
    }

    /// Removes what is under a key. Contracts only.
    pub fn delete(&mut self, key: Vec<u8>) {
        ask::<guest::Put>(&(Opaque(key), None));
    }

    /// At most `limit` entries in ascending order whose keys begin with `prefix` and are not below `start`.
    pub fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let range = KeyRange {
            prefix: Opaque(prefix.to_vec()),
            start: Opaque(start.to_vec()),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        };
        ask::<guest::Scan>(&range).into_iter().map(|(key, value)| (key.0, value.0)).collect()
    }
}

impl Snapshot for Storage {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        Ok(self.get(key).map(Value::from))
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        Ok(self.scan(prefix, start, limit).into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl Entries for Storage {
    fn put(&mut self, key: Key, value: Value) {
        self.put(key.to_vec(), value.to_vec());
    }

    fn delete(&mut self, key: Key) {
        self.delete(key.to_vec());
    }
}
