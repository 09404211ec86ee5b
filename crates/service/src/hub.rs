//! What is known to have happened to chains: how high each one is, and which bundles wait.
//!
//! Heights are levels, not events. Whoever follows a chain remembers how far they have told it and reads the blocks in
//! between from the chain, so a slow reader costs no memory, loses no block, and may come back later and go on. Bundles
//! that wait are hints: a reader who is too slow for them finds them in the inbox.
//!
//! Beside that the last things that happened are kept in order, for readers in other processes, who ask again and again.

use myceline_client::News;
use myceline_types::{BlockHeight, ChainId, Cursor, api::SUBSCRIBED_CHAINS_MAX};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{broadcast, watch};

/// Hints about bundles kept for readers that are slow.
const HINTS_MAX: usize = 1_024;
/// Things that happened kept for readers in other processes. One who stays away for longer goes on with the oldest of them.
const NEWS_MAX: usize = 1_024;

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

/// The last things that happened, in order.
#[derive(Debug, Default)]
struct Recent {
    /// How many came before the first of them.
    gone: u64,
    news: VecDeque<News>,
    /// How high each chain is, as far as that was told.
    told: BTreeMap<ChainId, BlockHeight>,
}

/// What is known to have happened.
#[derive(Debug)]
pub struct Hub {
    heights: Mutex<BTreeMap<ChainId, watch::Sender<BlockHeight>>>,
    bundles: broadcast::Sender<Waiting>,
    recent: Mutex<Recent>,
    /// How many things have happened.
    happened: watch::Sender<u64>,
    pub(crate) followed: Followed,
}

impl Default for Hub {
    fn default() -> Hub {
        let followed = Followed { own: watch::Sender::default(), others: watch::Sender::default() };
        let bundles = broadcast::Sender::new(HINTS_MAX);
        Hub {
            heights: Mutex::default(),
            bundles,
            recent: Mutex::default(),
            happened: watch::Sender::default(),
            followed,
        }
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

    /// Where in the order of things whoever wants to know only what happens from now on stands.
    pub(crate) fn place(&self) -> u64 {
        self.recent().end()
    }

    /// What has happened to these chains since a place, and where to go on; waits until there is something.
    pub(crate) async fn news(&self, chains: &BTreeSet<ChainId>, place: u64) -> (Vec<News>, u64) {
        let (mut place, mut happened) = (place, self.happened.subscribe());
        loop {
            happened.mark_unchanged();
            let (news, end) = self.recent().since(place, chains);
            // The sender lives as long as this hub.
            if !news.is_empty() || happened.changed().await.is_err() {
                return (news, end);
            }
            place = end;
        }
    }

    /// A chain has its blocks below this height.
    pub fn rises(&self, chain: ChainId, next: BlockHeight) {
        self.remember(|recent| recent.rises(chain, next));
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
            News::Block { chain, height } => self.rises(chain, height.next().unwrap_or(height)),
            News::Received { chain, height } => {
                self.rises(chain, height.next().unwrap_or(height));
                self.remember(|recent| recent.push(news));
            }
            News::Bundle { chain, origin, cursor } => {
                self.remember(|recent| recent.push(news));
                // Where nobody listens, nothing is lost.
                let _ = self.bundles.send(Waiting { chain, origin, cursor });
            }
        }
    }

    /// Keeps what happened, and wakes those who wait for it.
    fn remember(&self, keep: impl FnOnce(&mut Recent)) {
        let end = {
            let mut recent = self.recent();
            keep(&mut recent);
            recent.end()
        };
        self.happened.send_if_modified(|happened| std::mem::replace(happened, end.max(*happened)) < end);
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ChainId, watch::Sender<BlockHeight>>> {
        self.heights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn end(&self) -> u64 {
        self.gone + self.news.len() as u64
    }

    /// What happened to these chains from a place on, and the place after it.
    fn since(&self, place: u64, chains: &BTreeSet<ChainId>) -> (Vec<News>, u64) {
        let known = usize::try_from(place.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let news = self.news.iter().skip(known).filter(|news| chains.contains(&news.chain())).copied();
        (news.collect(), self.end())
    }

    /// A chain has its blocks below this height. Of one that was not heard of before, none of them are news.
    fn rises(&mut self, chain: ChainId, next: BlockHeight) {
        let told = self.told.entry(chain).or_insert(next);
        let new = told.0..next.0;
        *told = next.max(*told);
        // More than are kept would only drive each other out.
        let skipped = (new.end.saturating_sub(new.start)).saturating_sub(NEWS_MAX as u64);
        for height in new.skip(usize::try_from(skipped).unwrap_or(usize::MAX)) {
            self.push(News::Block { chain, height: BlockHeight(height) });
        }
    }

    fn push(&mut self, news: News) {
        if self.news.len() == NEWS_MAX {
            self.news.pop_front();
            self.gone += 1;
        }
        self.news.push_back(news);
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

    #[tokio::test]
    async fn who_asks_again_and_again_hears_each_block_once_and_nothing_of_other_chains() {
        let (hub, chain, other) = (Hub::default(), ChainId(Hash::ZERO), ChainId(Hash([1; 32])));
        hub.rises(chain, BlockHeight(5));
        let (chains, place) = ([chain].into(), hub.place());
        let block = |height| News::Block { chain, height: BlockHeight(height) };
        hub.rises(other, BlockHeight(0));
        hub.rises(other, BlockHeight(2));
        hub.rises(chain, BlockHeight(7));
        hub.note(block(6));
        let (news, place) = hub.news(&chains, place).await;
        assert_eq!(news, [block(5), block(6)], "what was there before is no news");
        let mut waiting = std::pin::pin!(hub.news(&chains, place));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        let received = News::Received { chain, height: BlockHeight(7) };
        hub.note(received);
        let (news, place) = waiting.await;
        assert_eq!(news, [block(7), received]);
        assert_eq!(hub.news(&chains, place - 1).await.0, [received], "who lost an answer asks again");
    }

    #[tokio::test]
    async fn who_stays_away_for_long_goes_on_with_what_is_kept() {
        let (hub, chain) = (Hub::default(), ChainId(Hash::ZERO));
        hub.rises(chain, BlockHeight(0));
        hub.rises(chain, BlockHeight(NEWS_MAX as u64 + 10));
        let (news, place) = hub.news(&[chain].into(), 0).await;
        assert_eq!((news.len(), news[0]), (NEWS_MAX, News::Block { chain, height: BlockHeight(10) }));
        hub.rises(chain, BlockHeight(NEWS_MAX as u64 + 11));
        let last = News::Block { chain, height: BlockHeight(NEWS_MAX as u64 + 10) };
        assert_eq!(hub.news(&[chain].into(), place).await.0, [last]);
    }

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
