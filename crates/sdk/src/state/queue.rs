//! Values in the order in which they came; the oldest leaves first.

use super::{Storage, present, walk_in_order};
use serde::{Serialize, de::DeserializeOwned};

/// First in, first out.
#[derive(Debug, Clone)]
pub struct Queue<T> {
    pub(super) inner: myceline_state::Queue<T>,
}

impl<T: Serialize + DeserializeOwned> Queue<T> {
    /// How many values wait.
    pub fn len(&self) -> u64 {
        present(self.inner.len(&Storage::new()))
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        present(self.inner.is_empty(&Storage::new()))
    }

    /// Adds `value` as the last one.
    pub fn push(&mut self, value: T) {
        present(self.inner.push(&mut Storage::new(), &value));
    }

    /// The first value, which stays.
    pub fn front(&self) -> Option<T> {
        present(self.inner.front(&Storage::new()))
    }

    /// Removes the first value and answers it.
    pub fn pop(&mut self) -> Option<T> {
        present(self.inner.pop(&mut Storage::new()))
    }

    /// All values in order; they stay.
    pub fn iter(&self) -> impl Iterator<Item = T>
    where
        T: Clone,
    {
        walk_in_order(|skip, limit| self.page(skip, limit))
    }

    /// At most `limit` values in order, without the first `skip`.
    pub fn page(&self, skip: u64, limit: usize) -> Vec<T> {
        present(self.inner.page(&Storage::new(), skip, limit))
    }
}
