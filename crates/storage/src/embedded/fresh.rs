//! Rows that are in the log and may not be in table files yet: a layer for each segment, the open one above the full ones.
//!
//! A busy chain writes the same keys block after block. Of each key a layer keeps what somebody may still read, so that a flush
//! meets most rows once; and rows are moved here, not copied, since a batch has no more use for them.

use lsm_tree::SeqNo;
use myceline_state::{Batch, Key, Value};
use smallvec::SmallVec;
use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    ops::Bound,
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// What was written under a key, from old to new. Two are usual: while a batch arrives, the one before it is read.
#[derive(Debug, Default)]
struct Versions(SmallVec<[(SeqNo, Option<Value>); 2]>);

impl Versions {
    /// Adds the newest, and forgets what even a view of the moment `oldest` does not see.
    fn write(&mut self, sequence: SeqNo, value: Option<Value>, oldest: SeqNo) {
        if let Some(seen) = self.0.iter().rposition(|(written, _)| *written < oldest) {
            self.0.drain(..seen);
        }
        self.0.push((sequence, value));
    }

    fn as_of(&self, moment: SeqNo) -> Option<&Option<Value>> {
        self.0.iter().rev().find(|(written, _)| *written < moment).map(|(_, value)| value)
    }
}

/// The rows of one segment.
type Layer = BTreeMap<Key, Versions>;

/// The rows of a full segment.
#[derive(Debug)]
pub(super) struct Sealed {
    rows: Layer,
    /// Views of later moments find these rows in the tables.
    flushed: OnceLock<SeqNo>,
}

impl Sealed {
    /// The last write to each key, in the order of the keys.
    pub(super) fn last_writes(&self) -> impl Iterator<Item = (&Key, SeqNo, Option<&Value>)> {
        self.rows.iter().filter_map(|(key, versions)| {
            let (sequence, value) = versions.0.last()?;
            Some((key, *sequence, value.as_ref()))
        })
    }

    /// Says that views of later moments than `sequence` find the rows in the tables.
    pub(super) fn is_flushed_at(&self, sequence: SeqNo) {
        self.flushed.get_or_init(|| sequence);
    }
}

/// Writes to some keys that follow each other, as a view sees them.
pub(super) struct Page {
    /// The writes; removals too, since they hide what is in the tables.
    pub(super) writes: Batch,
    /// The last key that the page is about. `None` where it is about all that come.
    pub(super) end: Option<Key>,
}

#[derive(Debug, Default)]
struct Layers {
    /// From old to new.
    sealed: VecDeque<Arc<Sealed>>,
    open: Layer,
}

/// All layers.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    layers: RwLock<Layers>,
}

impl Fresh {
    /// Takes the rows of one batch in. No view reads as of an earlier moment than `oldest`.
    pub(super) fn apply(&self, sequence: SeqNo, rows: impl IntoIterator<Item = (Key, Option<Value>)>, oldest: SeqNo) {
        let open = &mut self.write().open;
        for (key, value) in rows {
            open.entry(key).or_default().write(sequence, value, oldest);
        }
    }

    /// The last write to `key` before `moment`, if one is here.
    pub(super) fn get(&self, key: &[u8], moment: SeqNo) -> Option<Option<Value>> {
        let layers = self.read();
        let write_in = |layer: &Layer| layer.get(key)?.as_of(moment).cloned();
        let in_sealed = || layers.sealed.iter().rev().find_map(|sealed| write_in(&sealed.rows));
        write_in(&layers.open).or_else(in_sealed)
    }

    /// The next writes from `from` on to keys that begin with `prefix`: as many as give `rows` rows, or all that there are.
    pub(super) fn page(&self, prefix: &[u8], from: &[u8], rows: usize, moment: SeqNo) -> Page {
        let layers = self.read();
        let writes_of = |layer: &Layer| -> Vec<(Key, Option<Value>)> {
            let later = layer.range::<[u8], _>((Bound::Included(from), Bound::Unbounded));
            let ours = later.take_while(|(key, _)| key.starts_with(prefix));
            ours.filter_map(|(key, versions)| Some((key.clone(), versions.as_of(moment)?.clone()))).take(rows).collect()
        };
        let all = layers.sealed.iter().map(|sealed| &sealed.rows).chain([&layers.open]);
        let writes: Vec<_> = all.map(writes_of).collect();
        drop(layers);
        // A layer that has given as many as were asked for may have more, of which this page knows nothing.
        let cut = writes.iter().filter(|of_layer| of_layer.len() == rows).filter_map(|of_layer| of_layer.last());
        let end = cut.map(|(key, _)| key.clone()).min();
        let is_known = |(key, _): &(Key, _)| end.as_ref().is_none_or(|end| key <= end);
        let writes = writes.into_iter().flatten().filter(is_known).collect();
        Page { writes, end }
    }

    /// Sets the open layer apart.
    pub(super) fn seal(&self) {
        let layers = &mut *self.write();
        let rows = mem::take(&mut layers.open);
        layers.sealed.push_back(Arc::new(Sealed { rows, flushed: OnceLock::new() }));
    }

    /// The layers that were set apart and are not flushed, from old to new.
    pub(super) fn unflushed(&self) -> Vec<Arc<Sealed>> {
        self.read().sealed.iter().filter(|sealed| sealed.flushed.get().is_none()).cloned().collect()
    }

    /// Lets go of what every view finds in the tables. No view reads as of an earlier moment than `oldest`.
    pub(super) fn forget(&self, oldest: SeqNo) {
        let is_in_tables = |sealed: &Arc<Sealed>| sealed.flushed.get().is_some_and(|flushed| *flushed < oldest);
        let mut forgotten = Vec::new();
        let mut layers = self.write();
        while layers.sealed.front().is_some_and(is_in_tables) {
            forgotten.extend(layers.sealed.pop_front());
        }
        // Thousands of rows are dropped after readers and commits may go on.
        drop(layers);
    }

    /// Nothing panics between two changes that belong together.
    fn read(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}
