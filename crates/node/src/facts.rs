//! What a block may see besides its chain's state: certified blobs and events of this store, and blobs that came with it.

use crate::layout::{BLOBS, EVENTS, event_key};
use myceline_execution::World;
use myceline_state::{Absent, Snapshot, key::Canonical};
use myceline_types::{Blob, BlobId, ChainId, Opaque, StreamId};
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
        EVENTS.get(self.rows, &event_key(chain, stream, index))
    }
}
