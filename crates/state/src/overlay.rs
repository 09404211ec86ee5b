//! Pending writes over a snapshot: what a block has changed so far, with checkpoints that can be rolled back.
//!
//! Keys are relative to the prefix of one chain, in and out; only [`Absent`] names keys of the whole store, because
//! whoever fetches knows no chains. Checkpoints cost nothing and a rollback costs what is undone: writes are logged
//! with what they replaced, never copied as a whole.

#[cfg(test)]
mod tests;

use crate::snapshot::{Absent, Batch, Key, Snapshot, Value};
use std::ops::Bound;

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
    undo: Vec<Undo>,
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
        Overlay { snapshot, prefix: prefix.into(), changes: Batch::new(), undo: Vec::new() }
    }

    /// Remembers this moment. Checkpoints nest: an inner one must not be used after an outer one was rolled back.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { undo_len: self.undo.len() }
    }

    /// Undoes all writes since `checkpoint`.
    pub fn rollback(&mut self, checkpoint: Checkpoint) {
        debug_assert!(checkpoint.undo_len <= self.undo.len(), "the checkpoint belongs to writes that were undone");
        for Undo { key, before } in self.undo.drain(checkpoint.undo_len..).rev() {
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
        let before = self.changes.writes.insert(key.clone(), value);
        self.undo.push(Undo { key, before });
    }

    fn full(&self, key: &[u8]) -> Key {
        [&self.prefix, key].concat()
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
        match self.changes.get(key) {
            Some(pending) => Ok(pending.cloned()),
            None => self.snapshot.get(&self.full(key)),
        }
    }

    /// Costs the limit plus the pending writes in the range: as many stored entries as are pending removal are
    /// read too, so that one scan of the snapshot always suffices.
    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let start = start.max(prefix);
        let pending = || {
            let from_start = self.changes.writes.range::<[u8], _>((Bound::Included(start), Bound::Unbounded));
            from_start.take_while(|(key, _)| key.starts_with(prefix))
        };
        let removals = pending().filter(|(_, value)| value.is_none()).count();
        let stored_limit = limit.saturating_add(removals);
        let stored = self.snapshot.scan(&self.full(prefix), &self.full(start), stored_limit)?;
        let stored = stored.into_iter().map(|(key, value)| (key[self.prefix.len()..].to_vec(), value));
        Ok(merge(stored, pending()).take(limit).collect())
    }
}

/// Merges two ascending sequences; a pending write hides the stored entry of its key.
pub(crate) fn merge<'a>(
    stored: impl Iterator<Item = (Key, Value)>,
    pending: impl Iterator<Item = (&'a Key, &'a Option<Value>)>,
) -> impl Iterator<Item = (Key, Value)> {
    let (mut stored, mut pending) = (stored.peekable(), pending.peekable());
    std::iter::from_fn(move || {
        loop {
            let Some((pending_key, _)) = pending.peek() else { return stored.next() };
            if let Some(entry) = stored.next_if(|(key, _)| key < *pending_key) {
                return Some(entry);
            }
            stored.next_if(|(key, _)| key == *pending_key);
            if let Some((key, Some(value))) = pending.next() {
                return Some((key.clone(), value.clone()));
            }
        }
    })
}
