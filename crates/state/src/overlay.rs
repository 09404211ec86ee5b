//! Pending writes over a snapshot: what a block has changed so far, with checkpoints that can be rolled back.
//!
//! Keys are relative to the prefix of one chain, in and out; only [`Absent`] names keys of the whole store, because
//! whoever fetches knows no chains. Checkpoints cost nothing and a rollback costs what is undone: from the first
//! checkpoint on, writes are logged with what they replaced, never copied as a whole.

#[cfg(test)]
mod tests;

use crate::{
    key::KeyBuffer,
    layered::Layered,
    snapshot::{Absent, Batch, Key, Snapshot, Value},
};

/// Entries that can be read and changed: an [`Overlay`], or what a contract sees of one.
pub trait Entries: Snapshot {
    /// Stores `value` under `key`.
    fn put(&mut self, key: Key, value: Value);

    /// Removes what is under `key`, if anything.
    fn delete(&mut self, key: Key);
}

impl<E: Entries + ?Sized> Entries for &mut E {
    fn put(&mut self, key: Key, value: Value) {
        (**self).put(key, value);
    }

    fn delete(&mut self, key: Key) {
        (**self).delete(key);
    }
}

/// A mutable view of the entries of `snapshot` under a prefix. Nothing is written until the caller commits
/// [`Overlay::into_changes`].
#[derive(Debug, Clone)]
pub struct Overlay<S> {
    snapshot: S,
    prefix: Key,
    changes: Batch,
    /// Writes since the first checkpoint; `None` as long as there is nothing to roll back to.
    undo: Option<Vec<Undo>>,
}

/// The state of an overlay at one moment. Dropping it keeps what was written since.
#[derive(Debug)]
#[must_use = "a checkpoint is there to be rolled back to; dropping it keeps the changes"]
pub struct Checkpoint {
    undo_len: usize,
}

/// What a pending write replaced: another pending write or none.
#[derive(Debug, Clone)]
struct Undo {
    key: Key,
    before: Option<Option<Value>>,
}

impl<S: Snapshot> Overlay<S> {
    /// A view of the entries of `snapshot` whose keys begin with `prefix`, without changes.
    pub fn new(snapshot: S, prefix: impl Into<Key>) -> Overlay<S> {
        Overlay { snapshot, prefix: prefix.into(), changes: Batch::new(), undo: None }
    }

    /// Remembers this moment. Checkpoints nest: an inner one must not be used after an outer one was rolled back.
    pub fn checkpoint(&mut self) -> Checkpoint {
        Checkpoint { undo_len: self.undo.get_or_insert_default().len() }
    }

    /// Undoes all writes since `checkpoint`.
    pub fn rollback(&mut self, checkpoint: Checkpoint) {
        let undo = self.undo.get_or_insert_default();
        debug_assert!(checkpoint.undo_len <= undo.len(), "the checkpoint belongs to writes that were undone");
        for Undo { key, before } in undo.drain(checkpoint.undo_len..).rev() {
            match before {
                Some(write) => self.changes.writes.insert(key, write),
                None => self.changes.writes.remove(&key),
            };
        }
    }

    /// The pending writes, by keys relative to the prefix.
    pub fn changes(&self) -> &Batch {
        &self.changes
    }

    /// The pending writes, by keys relative to the prefix: the tree wants them so, and
    /// [`Batch::under`] makes them writes of the store.
    pub fn into_changes(self) -> Batch {
        self.changes
    }

    fn write(&mut self, key: Key, value: Option<Value>) {
        match &mut self.undo {
            None => drop(self.changes.writes.insert(key, value)),
            Some(undo) => {
                let before = self.changes.writes.insert(key.clone(), value);
                undo.push(Undo { key, before });
            }
        }
    }

    fn view(&self) -> Layered<'_, Under<'_, S>> {
        Layered { upper: &self.changes, lower: Under { prefix: &self.prefix, snapshot: &self.snapshot } }
    }
}

impl<S: Snapshot> Entries for Overlay<S> {
    fn put(&mut self, key: Key, value: Value) {
        self.write(key, Some(value));
    }

    fn delete(&mut self, key: Key) {
        self.write(key, None);
    }
}

impl<S: Snapshot> Snapshot for Overlay<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        self.view().get(key)
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        self.view().scan(prefix, start, limit)
    }
}

/// The rows of a snapshot under a prefix, by keys without it.
#[derive(Debug, Clone, Copy)]
struct Under<'a, S> {
    prefix: &'a [u8],
    snapshot: &'a S,
}

impl<S> Under<'_, S> {
    fn full(&self, key: &[u8]) -> KeyBuffer {
        let mut full = KeyBuffer::from_slice(self.prefix);
        full.extend_from_slice(key);
        full
    }
}

impl<S: Snapshot> Snapshot for Under<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        self.snapshot.get(&self.full(key))
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let mut found = self.snapshot.scan(&self.full(prefix), &self.full(start), limit)?;
        found.iter_mut().for_each(|(key, _)| *key = key.slice(self.prefix.len()..));
        Ok(found)
    }
}
