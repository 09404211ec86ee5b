//! Small blobs that a store has, in memory: every block that calls an application needs its description, and looking for that
//! in a store takes longer than reading it.
//!
//! That a blob is certified, and what is in it, never changes. So what is remembered makes an answer faster and never another one.

use myceline_types::{Blob, BlobId};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Blobs remembered. Whoever uses more has all of them forgotten now and then.
const BLOBS_MAX: usize = 1_024;
/// Bytes of a blob that is remembered: descriptions are smaller, code is larger and kept by engines.
const BYTES_MAX: usize = 4 << 10;

/// Small blobs of one store. One for all threads of a node.
#[derive(Debug, Default)]
pub struct KnownBlobs {
    blobs: Mutex<BTreeMap<BlobId, Blob>>,
}

impl KnownBlobs {
    /// A blob that was remembered.
    pub(crate) fn get(&self, id: BlobId) -> Option<Blob> {
        self.blobs().get(&id).cloned()
    }

    /// Remembers a blob that is durable in the store, if it is small.
    pub(crate) fn remember(&self, id: BlobId, blob: &Blob) {
        if blob.bytes.0.len() > BYTES_MAX {
            return;
        }
        let mut blobs = self.blobs();
        if blobs.len() >= BLOBS_MAX {
            blobs.clear();
        }
        blobs.insert(id, blob.clone());
    }

    /// A thread that panicked with the lock has at worst left a blob out.
    fn blobs(&self) -> MutexGuard<'_, BTreeMap<BlobId, Blob>> {
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(number: usize, bytes: usize) -> Blob {
        let mut content = vec![0; bytes];
        content[..8].copy_from_slice(&number.to_be_bytes());
        Blob::data(content)
    }

    #[test]
    fn small_blobs_are_remembered_and_never_too_many() {
        let known = KnownBlobs::default();
        for number in 0..3 * BLOBS_MAX {
            let blob = blob(number, 8);
            known.remember(blob.id(), &blob);
            assert_eq!(known.get(blob.id()), Some(blob));
            assert!(known.blobs().len() <= BLOBS_MAX);
        }
    }

    #[test]
    fn large_blobs_are_not() {
        let known = KnownBlobs::default();
        let (small, large) = (blob(1, BYTES_MAX), blob(2, BYTES_MAX + 1));
        known.remember(small.id(), &small);
        known.remember(large.id(), &large);
        assert_eq!((known.get(small.id()), known.get(large.id())), (Some(small), None));
    }
}
