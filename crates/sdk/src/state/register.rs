//! One value.

use super::{Storage, present};
use serde::{Serialize, de::DeserializeOwned};

/// One value, or none yet.
#[derive(Debug, Clone)]
pub struct Register<T> {
    pub(super) inner: myceline_state::Register<T>,
}

impl<T: Serialize + DeserializeOwned> Register<T> {
    /// The value, or the type's default if none was set.
    pub fn get(&self) -> T
    where
        T: Default,
    {
        self.get_if_set().unwrap_or_default()
    }

    /// The value, if one was set.
    pub fn get_if_set(&self) -> Option<T> {
        present(self.inner.get(&Storage::new()))
    }

    /// Replaces the value.
    pub fn set(&mut self, value: T) {
        self.inner.set(&mut Storage::new(), &value);
    }

    /// Changes the value, or the type's default if none was set.
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        let mut value = self.get();
        let result = change(&mut value);
        self.set(value);
        result
    }

    /// Removes the value.
    pub fn clear(&mut self) {
        self.inner.clear(&mut Storage::new());
    }
}
