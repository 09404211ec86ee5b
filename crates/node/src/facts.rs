//! What a block may see besides its chain's state: certified blobs and events of this store, and blobs that came with it.

use crate::{
    cell::Moment,
    known_blobs::KnownBlobs,
    layout::{BLOB_SOURCES, BLOBS, EVENTS, event_key},
    rows::EventRow,
};
use myceline_execution::World;
use myceline_state::{Absent, Entries, Snapshot, key::Canonical};
use myceline_types::{Blob, BlobId, Block, BlockHeight, ChainId, Fact, Opaque, StreamId};
use std::collections::BTreeMap;

/// The facts of a store, and what came with a block.
pub(crate) struct Facts<'a, R, S> {
    /// All rows as the step sees them.
    rows: &'a R,
    /// Those of them that are durable.
    view: &'a S,
    known: &'a KnownBlobs,
    offered: BTreeMap<BlobId, &'a Blob>,
}

impl<'a, R: Snapshot, S: Snapshot> Facts<'a, R, S> {
    pub(crate) fn new(rows: &'a R, moment: &Moment<'a, S>, offered: &'a [Blob]) -> Facts<'a, R, S> {
        let offered = offered.iter().map(|blob| (blob.id(), blob)).collect();
        Facts { rows, view: moment.view, known: moment.known_blobs, offered }
    }

    /// A blob of the store that is durable there, remembered from then on.
    fn durable(&self, id: BlobId) -> Result<Option<Blob>, Absent> {
        let found = BLOBS.get(self.view, &Canonical(id))?;
        found.iter().for_each(|blob| self.known.remember(id, blob));
        Ok(found)
    }
}

impl<R: Snapshot, S: Snapshot> World for Facts<'_, R, S> {
    fn certified(&self, id: BlobId) -> Result<Option<Blob>, Absent> {
        if let Some(blob) = self.known.get(id) {
            return Ok(Some(blob));
        }
        match self.durable(id)? {
            Some(blob) => Ok(Some(blob)),
            None => BLOBS.get(self.rows, &Canonical(id)),
        }
    }

    fn offered(&self, blob: BlobId) -> Option<&Blob> {
        self.offered.get(&blob).copied()
    }

    fn event(&self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Option<Opaque>, Absent> {
        Ok(EVENTS.get(self.rows, &event_key(chain, stream, index))?.map(|row| row.value))
    }
}

/// Writes what a certified block makes known: its events, and of the blobs that it publishes those that are given.
pub fn keep_facts<'a>(rows: &mut impl Entries, block: &Block, blobs: impl IntoIterator<Item = &'a Blob>) {
    let (chain, height) = (block.proposed.chain, block.proposed.height);
    for blob in blobs {
        let id = Canonical(blob.id());
        BLOBS.insert(rows, &id, blob);
        BLOB_SOURCES.insert(rows, &id, &(chain, height));
    }
    for event in &block.outcome.events {
        let row = EventRow { height, value: event.value.clone() };
        EVENTS.insert(rows, &event_key(chain, &event.stream, event.index), &row);
    }
}

/// Which certified block made a fact known, where that is known here.
pub fn source<S: Snapshot>(rows: &S, fact: &Fact) -> Result<Option<(ChainId, BlockHeight)>, Absent> {
    match fact {
        Fact::Blob(blob) => BLOB_SOURCES.get(rows, &Canonical(*blob)),
        Fact::Event(chain, stream, index) => {
            Ok(EVENTS.get(rows, &event_key(*chain, stream, *index))?.map(|row| (*chain, row.height)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_state::{MemorySnapshot, Overlay};

    #[test]
    fn only_what_is_durable_is_remembered() {
        let (known, blob) = (KnownBlobs::default(), Blob::data(vec![1, 2, 3]));
        let (id, mut store) = (blob.id(), MemorySnapshot::new());
        let mut step = Overlay::new(&store, []);
        BLOBS.insert(&mut step, &Canonical(id), &blob);
        let facts = Facts { rows: &step, view: &store, known: &known, offered: BTreeMap::new() };
        assert_eq!(facts.certified(id), Ok(Some(blob.clone())));
        assert_eq!(known.get(id), None, "the step may come to nothing");
        let rows = step.into_changes();
        store.apply(rows);
        let facts = Facts { rows: &store, view: &store, known: &known, offered: BTreeMap::new() };
        assert_eq!(facts.certified(id), Ok(Some(blob.clone())));
        assert_eq!(known.get(id), Some(blob));
    }
}
