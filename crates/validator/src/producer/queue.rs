//! Public chains that wait for a place, each once. Their turns go by their ids, round and round, so that no chain is passed over
//! for ever however often others come back.

use myceline_types::ChainId;
use std::{collections::BTreeSet, ops::Bound};

/// Chains that wait at once. What more there are is found again on the next round.
const WAITING_MAX: usize = 65_536;

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeSet<ChainId>,
    last: Option<ChainId>,
}

impl Queue {
    /// Lets a chain wait, if there is room.
    pub(super) fn add(&mut self, chain: ChainId) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.insert(chain);
        }
    }

    /// Takes out the chain whose turn it is.
    pub(super) fn next(&mut self) -> Option<ChainId> {
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let turn = self.waiting.range((after, Bound::Unbounded)).next().or(self.waiting.first()).copied();
        self.waiting.remove(&turn?);
        self.last = turn;
        turn
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::Hash;

    fn chain(number: u8) -> ChainId {
        ChainId(Hash([number; 32]))
    }

    #[test]
    fn a_chain_that_always_comes_back_leaves_the_others_their_turns() {
        let mut queue = Queue::default();
        [3, 1, 2, 1].into_iter().for_each(|number| queue.add(chain(number)));
        let turns = std::iter::from_fn(|| {
            let turn = queue.next()?;
            if turn == chain(1) {
                queue.add(turn);
            }
            Some(turn)
        });
        let turns: Vec<_> = turns.take(6).collect();
        assert_eq!(turns, [1, 2, 3, 1, 1, 1].map(chain));
        queue.next();
        assert!(queue.is_empty());
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let mut queue = Queue::default();
        let numbered = |number: usize| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            ChainId(Hash(id))
        };
        (0..WAITING_MAX + 5).for_each(|number| queue.add(numbered(number)));
        assert_eq!(std::iter::from_fn(|| queue.next()).count(), WAITING_MAX);
    }
}
