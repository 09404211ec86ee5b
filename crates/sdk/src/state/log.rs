//! Values in the order in which they came; all stay and have an index.

use super::{Storage, present, walk_in_order};
use serde::{Serialize, de::DeserializeOwned};

/// Append-only, indexed from zero.
#[derive(Debug, Clone)]
pub struct Log<T> {
    pub(super) inner: myceline_state::Log<T>,
}

impl<T: Serialize + DeserializeOwned> Log<T> {
    /// How many values were appended, which is the index of the next one.
    pub fn len(&self) -> u64 {
        present(self.inner.len(&Storage::new()))
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        present(self.inner.is_empty(&Storage::new()))
    }

    /// Appends `value` and answers its index.
    pub fn push(&mut self, value: T) -> u64 {
        present(self.inner.append(&mut Storage::new(), &value))
    }

    /// The value with this index.
    pub fn get(&self, index: u64) -> Option<T> {
        present(self.inner.get(&Storage::new(), index))
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = T>
    where
        T: Clone,
    {
        walk_in_order(|from, limit| self.page(from, limit))
    }

    /// At most `limit` values in order, from index `from` on.
    pub fn page(&self, from: u64, limit: usize) -> Vec<T> {
        present(self.inner.page(&Storage::new(), from, limit))
    }
}
