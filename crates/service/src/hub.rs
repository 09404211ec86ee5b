//! What is known to have happened to chains: how high each one is, and which bundles wait.
//!
//! Heights are levels, not events. Whoever follows a chain remembers how far they have told it and reads the blocks in
//! between from the chain, so a slow reader costs no memory, loses no block, and may come back later and go on. Bundles
//! that wait are hints: a reader who is too slow for them finds them in the inbox.

use myceline_client::News;
use myceline_types::{BlockHeight, ChainId, Cursor, api::SUBSCRIBED_CHAINS_MAX};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{broadcast, watch};

/// Hints about bundles kept for readers that are slow.
const HINTS_MAX: usize = 1_024;

/// A bundle that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// For which chain.
    pub chain: ChainId,
    /// From which.
    pub origin: ChainId,
    /// Which one.
    pub cursor: Cursor,
}

/// Chains that are followed, by what is done about their bundles.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Chains that this wallet signs for.
    pub(crate) own: watch::Sender<BTreeSet<ChainId>>,
    /// Chains of others.
    pub(crate) others: watch::Sender<BTreeSet<ChainId>>,
}

/// What is known to have happened.
#[derive(Debug)]
pub struct Hub {
    heights: Mutex<BTreeMap<ChainId, watch::Sender<BlockHeight>>>,
    bundles: broadcast::Sender<Waiting>,
    pub(crate) followed: Followed,
}

impl Default for Hub {
    fn default() -> Hub {
        let followed = Followed { own: watch::Sender::default(), others: watch::Sender::default() };
        Hub { heights: Mutex::default(), bundles: broadcast::Sender::new(HINTS_MAX), followed }
    }
}

impl Hub {
    /// The next height of a chain, now and whenever it rises.
    pub fn heights(&self, chain: ChainId) -> watch::Receiver<BlockHeight> {
        self.lock().entry(chain).or_default().subscribe()
    }

    /// The bundles that arrive from now on.
    pub fn bundles(&self) -> broadcast::Receiver<Waiting> {
        self.bundles.subscribe()
    }

    /// A chain has its blocks below this height.
    pub fn rises(&self, chain: ChainId, next: BlockHeight) {
        self.lock().entry(chain).or_default().send_if_modified(|height| {
            let rises = *height < next;
            *height = next.max(*height);
            rises
        });
    }

    /// Follows a chain whose bundles are received.
    pub fn follow_own(&self, chain: ChainId) {
        add(&self.followed.own, chain);
    }

    /// Follows a chain that somebody asks about, unless it is followed. Answers whether there is room for it.
    pub fn follow(&self, chain: ChainId) -> bool {
        self.followed.own.borrow().contains(&chain) || add(&self.followed.others, chain)
    }

    /// Something happened.
    pub(crate) fn note(&self, news: News) {
        match news {
            News::Block { chain, height } | News::Received { chain, height } => {
                self.rises(chain, height.next().unwrap_or(height));
            }
            News::Bundle { chain, origin, cursor } => {
                // Where nobody listens, nothing is lost.
                let _ = self.bundles.send(Waiting { chain, origin, cursor });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ChainId, watch::Sender<BlockHeight>>> {
        self.heights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(followed: &watch::Sender<BTreeSet<ChainId>>, chain: ChainId) -> bool {
    followed.send_if_modified(|chains| chains.len() < SUBSCRIBED_CHAINS_MAX && chains.insert(chain));
    followed.borrow().contains(&chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::Hash;

    #[test]
    fn a_height_never_sinks_and_tells_only_what_is_new() {
        let (hub, chain) = (Hub::default(), ChainId(Hash::ZERO));
        let mut heights = hub.heights(chain);
        hub.rises(chain, BlockHeight(3));
        assert!(heights.has_changed().is_ok_and(|changed| changed));
        assert_eq!(*heights.borrow_and_update(), BlockHeight(3));
        hub.rises(chain, BlockHeight(2));
        hub.rises(chain, BlockHeight(3));
        assert!(heights.has_changed().is_ok_and(|changed| !changed));
        assert_eq!(*heights.borrow(), BlockHeight(3));
    }
}
