//! One collection per key.

use super::{Collection, Prefix};
use crate::{key::OrderedKey, snapshot::Key};
use std::marker::PhantomData;

/// A collection for every key: `Family<Owner, Queue<Task>>` is a queue of tasks for each owner. It has no entries of
/// its own, so it cannot list its keys; keep them in a [`Set`](super::Set) where that is needed.
#[derive(Debug, Clone)]
pub struct Family<K, C> {
    prefix: Prefix,
    types: PhantomData<fn() -> (K, C)>,
}

impl<K, C> Family<K, C> {
    /// The family under this prefix.
    pub const fn new(prefix: &'static [u8]) -> Family<K, C> {
        Family { prefix: Prefix::Borrowed(prefix), types: PhantomData }
    }
}

impl<K, C> Collection for Family<K, C> {
    fn at(prefix: Key) -> Family<K, C> {
        Family { prefix: Prefix::Owned(prefix), types: PhantomData }
    }
}

impl<K: OrderedKey, C: Collection> Family<K, C> {
    /// The collection of `key`.
    pub fn of(&self, key: &K) -> C {
        C::at(key.encode_under(&self.prefix))
    }
}
