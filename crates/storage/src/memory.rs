//! A store in memory, for tests, the simulator and clients that keep nothing.
//!
//! It can lose what was not yet synced, as a disk does when the power goes: [`Memory::apply`] makes a batch visible,
//! [`Memory::sync`] makes it durable, and [`Memory::crash`] goes back to what was durable.

use crate::store::{CommitError, ReadError, Store};
use imbl::OrdMap;
use myceline_state::{Absent, Batch, Key, Snapshot, Value};
use std::{
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Shared rows: a copy of the map costs a pointer, whatever its size.
type Rows = OrdMap<Key, Value>;

/// A store in memory. Clones share the rows.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    disk: Arc<Mutex<Disk>>,
}

/// What a reader sees, and what a power cut leaves.
#[derive(Debug, Default)]
struct Disk {
    visible: Rows,
    durable: Rows,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// Makes `batch` visible, not durable.
    pub fn apply(&self, batch: Batch) {
        let visible = &mut self.disk().visible;
        for (key, value) in batch {
            match value {
                Some(value) => visible.insert(key, value),
                None => visible.remove(&key),
            };
        }
    }

    /// Makes everything that is visible durable.
    pub fn sync(&self) {
        let disk = &mut *self.disk();
        disk.durable = disk.visible.clone();
    }

    /// Loses everything that is not durable. Views that were made before keep what they saw.
    pub fn crash(&self) {
        let disk = &mut *self.disk();
        disk.visible = disk.durable.clone();
    }

    /// A store of its own with the durable rows of this one: what somebody finds who copies the disk.
    pub fn copy_of_disk(&self) -> Memory {
        let durable = self.disk().durable.clone();
        Memory { disk: Arc::new(Mutex::new(Disk { visible: durable.clone(), durable })) }
    }

    /// No code panics between two changes that belong together, so a poisoned lock still guards whole batches.
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    type View = MemoryView;

    fn view(&self) -> MemoryView {
        MemoryView { rows: self.disk().visible.clone() }
    }

    async fn prefetch(&self, _view: &mut MemoryView, _absent: &[Absent]) -> Result<(), ReadError> {
        Ok(())
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<(), CommitError> {
        batches.into_iter().for_each(|batch| self.apply(batch));
        self.sync();
        Ok(())
    }
}

/// The rows of a [`Memory`] at one moment.
#[derive(Debug, Clone)]
pub struct MemoryView {
    rows: Rows,
}

impl Snapshot for MemoryView {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        Ok(self.rows.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        // A start below the prefix means the whole prefix.
        let from = start.max(prefix);
        let rows = self.rows.range::<_, [u8]>((Bound::Included(from), Bound::Unbounded));
        let within = rows.take_while(|(key, _)| key.starts_with(prefix));
        Ok(within.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
