//! What a block may see besides its chain's state: certified blobs and events of this store, and blobs that came with it.

use crate::{
    layout::{BLOB_SOURCES, BLOBS, EVENTS, event_key},
    rows::EventRow,
};
use myceline_execution::World;
use myceline_state::{Absent, Entries, Snapshot, key::Canonical};
use myceline_types::{Blob, BlobId, Block, BlockHeight, ChainId, Fact, Opaque, StreamId};
use std::collections::BTreeMap;

/// The facts of a store, and what came with a block.
pub(crate) struct Facts<'a, S> {
    rows: &'a S,
    offered: BTreeMap<BlobId, &'a Blob>,
}

impl<'a, S: Snapshot> Facts<'a, S> {
    pub(crate) fn new(rows: &'a S, offered: &'a [Blob]) -> Facts<'a, S> {
        Facts { rows, offered: offered.iter().map(|blob| (blob.id(), blob)).collect() }
    }
}

impl<S: Snapshot> World for Facts<'_, S> {
    fn certified(&self, blob: BlobId) -> Result<Option<Blob>, Absent> {
        BLOBS.get(self.rows, &Canonical(blob))
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
