//! Who leads a single-leader round: a weighted draw that everybody can repeat, and nobody could choose.
//!
//! The draw is seeded with the previous block, which was decided before anybody knew who would lead after it.

use myceline_types::{BlockHash, Hash, Round, Slot, words};

/// The place in `weights` that leads `round` of the height after `previous`; `None` where nobody has weight.
///
/// The seed is Keccak-256 over the words tag, chain, previous block (zero for the first block), height and round. Its
/// upper 128 bits modulo the total weight are a point, and the leader is the one in whose stretch of weight it lies.
pub(crate) fn draw(slot: Slot, previous: Option<BlockHash>, round: Round, weights: &[u64]) -> Option<usize> {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let mut point = upper_half(seed(slot, previous, round)).checked_rem(total)?;
    weights.iter().position(|weight| {
        let weight = u128::from(*weight);
        let is_here = point < weight;
        point = point.saturating_sub(weight);
        is_here
    })
}

fn seed(slot: Slot, previous: Option<BlockHash>, round: Round) -> Hash {
    let previous = previous.map_or(Hash::ZERO, |block| block.0);
    words::hash([
        words::tag("myceline.leader.v1"),
        slot.chain.0.0,
        previous.0,
        words::number(slot.height.0),
        words::number(round.0),
    ])
}

fn upper_half(seed: Hash) -> u128 {
    seed.as_bytes()[..16].iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{BlockHeight, ChainId, Epoch};

    fn slot() -> Slot {
        Slot { chain: ChainId(Hash([1; 32])), height: BlockHeight(7), epoch: Epoch(0) }
    }

    #[test]
    fn r3_schedule_is_the_one_of_the_specification() {
        let previous = Some(BlockHash(Hash([2; 32])));
        let leaders: Vec<_> = (1..=12).map(|round| draw(slot(), previous, Round(round), &[1, 2, 3]).unwrap()).collect();
        assert_eq!(leaders, [2, 0, 2, 0, 2, 1, 1, 2, 1, 2, 2, 2]);
        let first: Vec<_> = (1..=12).map(|round| draw(slot(), None, Round(round), &[1, 1, 1, 1]).unwrap()).collect();
        assert_eq!(first, [1, 3, 3, 1, 0, 2, 0, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn r3_leaders_come_up_in_proportion_to_their_weight() {
        let mut turns = [0; 3];
        for round in 0..6000 {
            turns[draw(slot(), None, Round(round), &[1, 2, 3]).unwrap()] += 1;
        }
        assert!(
            turns.iter().zip([1000, 2000, 3000]).all(|(got, fair): (&i32, i32)| got.abs_diff(fair) < 150),
            "{turns:?}"
        );
    }

    #[test]
    fn nobody_leads_where_nobody_has_weight() {
        assert_eq!(draw(slot(), None, Round(1), &[]), None);
        assert_eq!(draw(slot(), None, Round(1), &[0, 0]), None);
        assert_eq!(draw(slot(), None, Round(1), &[0, u64::MAX, 0]), Some(1));
    }
}
