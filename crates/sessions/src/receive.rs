//! Receiving: from hints that bundles wait to bundles with proof, in the order in which a chain must consume them.
//!
//! A hint names an origin and a cursor; anybody may give any. What counts is the origin's certified block at that height,
//! and no other block of the origin is needed: each bundle names the one before it, so a gap says which block to read.

use crate::{Distrust, Trust};
use myceline_types::{
    BlockHeight, Bundle, BundleAction, CertifiedBlock, ChainId, Cursor, IncomingBundle, Transaction, encoding,
};
use std::collections::{BTreeMap, BTreeSet};

/// Bundles that are known or held at once; hints beyond that are dropped, and come again with the next listing.
const KNOWN_MAX: usize = 10_000;

/// The bundles that wait for one chain, as far as its client knows.
#[derive(Debug)]
pub struct Receipts {
    me: ChainId,
    origins: BTreeMap<ChainId, Trail>,
    known: usize,
}

/// What waits from one origin.
#[derive(Debug, Default)]
struct Trail {
    /// The last one consumed.
    received: Option<Cursor>,
    /// Said to exist; the block that sent it was not read yet.
    hinted: BTreeSet<Cursor>,
    /// Proven.
    bundles: BTreeMap<Cursor, Bundle>,
}

/// How much of a block bundles may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Transactions.
    pub transactions: usize,
    /// Canonical bytes.
    pub bytes: usize,
}

impl Receipts {
    /// Nothing waits for `me` yet.
    pub fn new(me: ChainId) -> Receipts {
        Receipts { me, origins: BTreeMap::new(), known: 0 }
    }

    /// Whether the last bundle consumed from this origin has to be told before hints about it mean anything.
    pub fn knows(&self, origin: ChainId) -> bool {
        self.origins.contains_key(&origin)
    }

    /// The last bundle consumed from an origin; what is not after it does not wait any more.
    pub fn received(&mut self, origin: ChainId, cursor: Option<Cursor>) {
        let trail = self.origins.entry(origin).or_default();
        let before = trail.len();
        trail.received = trail.received.max(cursor);
        let received = trail.received;
        trail.hinted.retain(|hinted| Some(*hinted) > received);
        trail.bundles.retain(|cursor, _| Some(*cursor) > received);
        self.known -= before - trail.len();
    }

    /// Somebody says that a bundle waits.
    pub fn hint(&mut self, origin: ChainId, cursor: Cursor) {
        let trail = self.origins.entry(origin).or_default();
        let is_new = Some(cursor) > trail.received && !trail.bundles.contains_key(&cursor);
        if is_new && self.known < KNOWN_MAX && trail.hinted.insert(cursor) {
            self.known += 1;
        }
    }

    /// The blocks to read next, at most `limit`: those that sent the oldest bundles that are known of.
    pub fn wanted(&self, limit: usize) -> Vec<(ChainId, BlockHeight)> {
        let first = |(origin, trail): (&ChainId, &Trail)| Some((*origin, trail.hinted.first()?.height));
        self.origins.iter().filter_map(first).take(limit).collect()
    }

    /// A certified block of an origin. If it is final its bundles for this chain are held, and the one before the first of
    /// them is known of.
    pub fn show(&mut self, trust: Trust<'_>, certified: &CertifiedBlock) -> Result<(), Distrust> {
        let header = trust.check(certified)?;
        let me = self.me;
        self.unavailable(header.chain, header.height);
        for (recipient, bundle) in certified.block.bundles() {
            if recipient == me {
                self.hold(header.chain, bundle);
            }
        }
        Ok(())
    }

    fn hold(&mut self, origin: ChainId, bundle: Bundle) {
        let trail = self.origins.entry(origin).or_default();
        if Some(bundle.cursor) <= trail.received {
            return;
        }
        let previous = bundle.previous;
        self.known += usize::from(trail.bundles.insert(bundle.cursor, bundle).is_none());
        if let Some(previous) = previous {
            self.hint(origin, previous);
        }
    }

    /// Nobody has this block, or it was read: hints about it are done with.
    pub fn unavailable(&mut self, origin: ChainId, height: BlockHeight) {
        let trail = self.origins.entry(origin).or_default();
        let before = trail.len();
        trail.hinted.retain(|hinted| hinted.height != height);
        self.known -= before - trail.len();
    }

    /// The bundles that can be consumed next, as far as there is room: from each origin in turn, and from each in order
    /// without a gap. They stay here until [`Receipts::received`] says that they were consumed.
    pub fn next(&self, mut room: Room) -> Vec<Transaction> {
        let mut queues: Vec<_> = self.origins.iter().map(|(origin, trail)| (*origin, trail.in_order())).collect();
        let mut taken = Vec::new();
        while !queues.is_empty() {
            queues.retain_mut(|(origin, queue)| {
                let Some(transaction) = queue.next().map(|bundle| accept(*origin, bundle)) else { return false };
                let fits = room.take(encoding::size_of(&transaction));
                if fits {
                    taken.push(transaction);
                }
                fits
            });
        }
        taken
    }

    /// Whether anything is held or known of.
    pub fn is_empty(&self) -> bool {
        self.known == 0
    }
}

impl Trail {
    fn len(&self) -> usize {
        self.hinted.len() + self.bundles.len()
    }

    /// Bundles that follow each other, from the one after the last consumed.
    fn in_order(&self) -> impl Iterator<Item = &Bundle> {
        let mut last = self.received;
        self.bundles.values().take_while(move |bundle| bundle.previous == last.replace(bundle.cursor))
    }
}

impl Room {
    /// Takes up room for one more transaction, if there is enough.
    fn take(&mut self, bytes: usize) -> bool {
        let fits = self.transactions > 0 && self.bytes >= bytes;
        if fits {
            self.transactions -= 1;
            self.bytes -= bytes;
        }
        fits
    }
}

fn accept(origin: ChainId, bundle: &Bundle) -> Transaction {
    Transaction::Receive(IncomingBundle { origin, bundle: bundle.clone(), action: BundleAction::Accept })
}
