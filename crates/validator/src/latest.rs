//! The end of the commit index, in memory: every peer asks about every commit, nearly always within seconds.

use myceline_node::Committed;
use myceline_types::{BlockHeight, ChainId};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Commits kept: what a busy validator commits while each peer asks once, in less than a megabyte.
const KEPT_MAX: usize = 16_384;

/// The latest commits.
#[derive(Debug, Default)]
pub struct Latest {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The place of the first block that is kept.
    first: u64,
    blocks: VecDeque<(ChainId, BlockHeight)>,
}

impl Latest {
    /// Adds what has become durable.
    pub fn add(&self, commits: &Committed) {
        let kept = &mut *self.kept();
        if kept.blocks.is_empty() {
            kept.first = commits.first;
        }
        kept.blocks.extend(&commits.blocks);
        let over = kept.blocks.len().saturating_sub(KEPT_MAX);
        kept.blocks.drain(..over);
        kept.first += over as u64;
    }

    /// The blocks from a place on, at most `limit`, and the place after the last one. `None` where they are not all kept.
    pub fn page(&self, from: u64, limit: usize) -> Option<(Vec<(ChainId, BlockHeight)>, u64)> {
        let kept = self.kept();
        let skipped = usize::try_from(from.checked_sub(kept.first)?).ok()?;
        if kept.blocks.is_empty() || skipped > kept.blocks.len() {
            return None;
        }
        let page: Vec<_> = kept.blocks.iter().skip(skipped).take(limit).copied().collect();
        let next = from + page.len() as u64;
        Some((page, next))
    }

    /// Nothing panics between two changes that belong together.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::Hash;

    fn commits(first: u64, count: u64) -> Committed {
        let blocks = (first..first + count).map(|place| (ChainId(Hash([7; 32])), BlockHeight(place))).collect();
        Committed { first, blocks }
    }

    #[test]
    fn pages_are_those_of_the_commits_as_far_as_they_are_kept() {
        let latest = Latest::default();
        assert_eq!(latest.page(0, 5), None);
        let kept = KEPT_MAX as u64;
        latest.add(&commits(100, 10));
        latest.add(&commits(110, kept));
        assert_eq!(latest.page(109, 5), None, "dropped");
        assert_eq!(latest.page(110, 5), Some((commits(110, 5).blocks, 115)));
        let end = 110 + kept;
        assert_eq!(latest.page(end - 2, 5), Some((commits(end - 2, 2).blocks, end)));
        assert_eq!(latest.page(end, 5), Some((Vec::new(), end)));
        assert_eq!(latest.page(end + 1, 5), None);
    }

    #[test]
    fn a_group_without_commits_changes_nothing() {
        let latest = Latest::default();
        latest.add(&commits(3, 0));
        assert_eq!(latest.page(3, 5), None);
        latest.add(&commits(3, 1));
        latest.add(&commits(4, 0));
        assert_eq!(latest.page(3, 5), Some((commits(3, 1).blocks, 4)));
    }
}
