//! One value.

use super::{Collection, Prefix, decode, encode};
use crate::{
    overlay::Entries,
    snapshot::{Absent, Key, Snapshot},
};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// One value, or none yet. One entry: the prefix itself.
#[derive(Debug, Clone)]
pub struct Register<T> {
    key: Prefix,
    value: PhantomData<fn() -> T>,
}

impl<T> Register<T> {
    /// The register with this very key.
    pub const fn new(key: &'static [u8]) -> Register<T> {
        Register { key: Prefix::Borrowed(key), value: PhantomData }
    }
}

impl<T> Collection for Register<T> {
    fn at(key: Key) -> Register<T> {
        Register { key: Prefix::Owned(key), value: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> Register<T> {
    /// The entry in which the value is: what a proof of it names.
    pub fn entry(&self) -> Key {
        Key::new(&self.key)
    }

    /// The value, if one was set.
    pub fn get<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<Option<T>, Absent> {
        Ok(entries.get(&self.key)?.map(|value| decode(&value)))
    }

    /// The value, or the type's default if none was set.
    pub fn get_or_default<S: Snapshot + ?Sized>(&self, entries: &S) -> Result<T, Absent>
    where
        T: Default,
    {
        Ok(self.get(entries)?.unwrap_or_default())
    }

    /// Replaces the value.
    pub fn set<E: Entries + ?Sized>(&self, entries: &mut E, value: &T) {
        entries.put(Key::new(&self.key), encode(value));
    }

    /// Removes the value.
    pub fn clear<E: Entries + ?Sized>(&self, entries: &mut E) {
        entries.delete(Key::new(&self.key));
    }
}
