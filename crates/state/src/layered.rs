//! Writes over a snapshot that does not show them: those of a block being executed, or of batches not yet durable.

use crate::snapshot::{Absent, Batch, Key, Snapshot, Value};
use std::ops::Bound;

/// A snapshot as it will be once `upper` is written over `lower`.
#[derive(Debug, Clone, Copy)]
pub struct Layered<'a, S> {
    /// Hides what is below.
    pub upper: &'a Batch,
    /// What is below.
    pub lower: S,
}

impl<S: Snapshot> Snapshot for Layered<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        match self.upper.get(key) {
            Some(written) => Ok(written.cloned()),
            None => self.lower.get(key),
        }
    }

    /// Costs the limit plus the writes above that are in the range: as many rows below are read too as are removed
    /// above, so that one scan always suffices.
    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let start = start.max(prefix);
        let written = || {
            let from_start = self.upper.writes.range::<[u8], _>((Bound::Included(start), Bound::Unbounded));
            from_start.take_while(|(key, _)| key.starts_with(prefix))
        };
        let removals = written().filter(|(_, value)| value.is_none()).count();
        let stored = self.lower.scan(prefix, start, limit.saturating_add(removals))?;
        Ok(merge(stored.into_iter(), written()).take(limit).collect())
    }
}

/// Merges two ascending sequences; a write hides the stored row of its key.
fn merge<'a>(
    stored: impl Iterator<Item = (Key, Value)>,
    written: impl Iterator<Item = (&'a Key, &'a Option<Value>)>,
) -> impl Iterator<Item = (Key, Value)> {
    let (mut stored, mut written) = (stored.peekable(), written.peekable());
    std::iter::from_fn(move || {
        loop {
            let Some((written_key, _)) = written.peek() else { return stored.next() };
            if let Some(row) = stored.next_if(|(key, _)| key < *written_key) {
                return Some(row);
            }
            stored.next_if(|(key, _)| key == *written_key);
            if let Some((key, Some(value))) = written.next() {
                return Some((key.clone(), value.clone()));
            }
        }
    })
}
