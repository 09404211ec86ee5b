//! One state per key.

use super::State;
use myceline_state::OrderedKey;
use std::marker::PhantomData;

/// A collection, or a struct of such, for every key: `Family<Owner, Queue<Task>>` is a queue of tasks for each owner. It
/// cannot list its keys; keep them in a [`Set`](super::Set) where that is needed.
#[derive(Debug, Clone)]
pub struct Family<K, S> {
    prefix: Vec<u8>,
    types: PhantomData<fn() -> (K, S)>,
}

impl<K, S> State for Family<K, S> {
    fn at(prefix: Vec<u8>) -> Self {
        Family { prefix, types: PhantomData }
    }
}

impl<K: OrderedKey, S: State> Family<K, S> {
    /// The state of `key`.
    pub fn of(&self, key: &K) -> S {
        S::at(key.bytes_under(&self.prefix).into_vec())
    }
}
