//! Rows of bundles that wait. What neighbouring transactions of one block sent shares a row: a row for each bundle would cost a
//! sender of many bundles more than all the rest of its block.

use myceline_types::{BlockHeight, Bundle, BundleHash, ChainId, Cursor, Epoch, InboxEntry, Timestamp};
use serde::{Deserialize, Serialize};

/// The transactions of a block whose bundles share a row. A longer row would be written again too often by a recipient that
/// takes it in piece by piece.
const TRANSACTIONS_PER_ROW: u32 = 128;

/// Where a row is: the origin, the height of its block, and which of the rows of that block.
pub(super) type Place = (ChainId, BlockHeight, u32);

/// The place of the row that a bundle is in.
pub(super) fn place_of(origin: ChainId, cursor: Cursor) -> Place {
    (origin, cursor.height, cursor.transaction / TRANSACTIONS_PER_ROW)
}

/// Bundles of one block that wait, in the order of their transactions. There is no row without any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    epoch: Epoch,
    timestamp: Timestamp,
    bundles: Vec<Waiting>,
}

/// A bundle that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    transaction: u32,
    /// The bundle before it: it need not be here any more.
    previous: Option<Cursor>,
    hash: BundleHash,
    skippable: bool,
}

impl Row {
    /// The row of some bundles of one block and their hashes; `None` where there are none.
    pub(super) fn of(bundles: &[(&Bundle, BundleHash)]) -> Option<Row> {
        let Bundle { epoch, timestamp, .. } = *bundles.first()?.0;
        let waiting = |(bundle, hash): &(&Bundle, BundleHash)| Waiting {
            transaction: bundle.cursor.transaction,
            previous: bundle.previous,
            hash: *hash,
            skippable: bundle.is_skippable(),
        };
        Some(Row { epoch, timestamp, bundles: bundles.iter().map(waiting).collect() })
    }

    /// Whether all its bundles were taken.
    pub(super) fn is_empty(&self) -> bool {
        self.bundles.is_empty()
    }

    /// The bundle at `cursor`, if it waits here.
    pub(super) fn entry(&self, cursor: Cursor) -> Option<InboxEntry> {
        self.index_of(cursor).map(|index| self.entry_of(&self.bundles[index]))
    }

    /// All its bundles, which are of the block at the height of `place`.
    pub(super) fn entries(&self, (_, height, _): Place) -> impl Iterator<Item = (Cursor, InboxEntry)> {
        let cursor = move |bundle: &Waiting| Cursor { height, transaction: bundle.transaction };
        self.bundles.iter().map(move |bundle| (cursor(bundle), self.entry_of(bundle)))
    }

    /// Takes the bundle at `cursor` out. `false` where it does not wait here.
    pub(super) fn take(&mut self, cursor: Cursor) -> bool {
        let index = self.index_of(cursor);
        index.map(|index| self.bundles.remove(index)).is_some()
    }

    fn index_of(&self, cursor: Cursor) -> Option<usize> {
        self.bundles.binary_search_by_key(&cursor.transaction, |bundle| bundle.transaction).ok()
    }

    fn entry_of(&self, bundle: &Waiting) -> InboxEntry {
        let Waiting { previous, hash, skippable, .. } = *bundle;
        InboxEntry { previous, epoch: self.epoch, timestamp: self.timestamp, hash, skippable }
    }
}
