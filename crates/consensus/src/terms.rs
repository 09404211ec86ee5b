//! What is fixed for a height before its first round: which rounds there are, who may propose in them, who may ask to
//! leave them and how long they last. All of it follows from the chain's state before the block.

use crate::schedule;
use myceline_types::{BlockHash, Committee, Leaders, Mutation, Owner, Ownership, Round, Slot, TimeDelta};

/// The facts of a height. Borrowed from the chain's state, so that making one costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// What is decided, and in which epoch.
    pub slot: Slot,
    /// The block before it; `None` for the first block of a chain.
    pub previous: Option<BlockHash>,
    /// Who may propose.
    pub ownership: &'a Ownership,
    /// Who votes: the committee of the slot's epoch.
    pub committee: &'a Committee,
}

/// What a round is like (R3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RoundKind {
    /// Round 0 of a chain with a fast owner: one vote may be enough.
    Fast,
    /// Any owner may propose.
    MultiLeader,
    /// One owner has the turn.
    SingleLeader,
}

impl Terms<'_> {
    /// R2. Round 0 exists only on chains with a fast owner; every other chain starts in round 1.
    pub fn first_round(&self) -> Round {
        let starts_fast = self.ownership.has_fast_round() || self.committee.drops(Mutation::FastRoundEverywhere);
        if starts_fast { Round::FAST } else { Round(1) }
    }

    /// R3. What a round is like; `None` for a round 0 that this chain does not have.
    pub fn kind(&self, round: Round) -> Option<RoundKind> {
        match round {
            _ if round < self.first_round() => None,
            Round::FAST if self.ownership.has_fast_round() => Some(RoundKind::Fast),
            _ if round <= self.last_multi_leader_round() => Some(RoundKind::MultiLeader),
            _ => Some(RoundKind::SingleLeader),
        }
    }

    /// R3, R31. The last multi-leader round; round 0 where there is none, as on public chains.
    pub fn last_multi_leader_round(&self) -> Round {
        match &self.ownership.leaders {
            Leaders::Owners(owners) => Round(owners.multi_leader_rounds),
            Leaders::Validators => Round(0),
        }
    }

    /// R3. Whether `owner` may propose in `round`.
    pub fn may_propose(&self, owner: &Owner, round: Round) -> bool {
        match (self.kind(round), &self.ownership.leaders) {
            (Some(RoundKind::Fast), Leaders::Owners(owners)) => owners.fast.contains(owner),
            (Some(RoundKind::MultiLeader), Leaders::Owners(owners)) => {
                owners.open_multi_leader || self.ownership.is_owner(owner)
            }
            (Some(RoundKind::SingleLeader), _) => self.leader(round) == Some(*owner),
            (None, _) | (_, Leaders::Validators) => false,
        }
    }

    /// R3, R31. Who leads a single-leader round: an owner, or on a public chain the account of a validator. `None` for
    /// rounds of another kind.
    pub fn leader(&self, round: Round) -> Option<Owner> {
        if self.kind(round) != Some(RoundKind::SingleLeader) {
            return None;
        }
        let rotation = self.rotation();
        let weights: Vec<u64> = rotation.iter().map(|(_, weight)| *weight).collect();
        let place = schedule::draw(self.slot, self.previous, round, &weights)?;
        rotation.get(place).map(|(owner, _)| *owner)
    }

    fn rotation(&self) -> Vec<(Owner, u64)> {
        match &self.ownership.leaders {
            Leaders::Owners(owners) => owners.rotation().into_iter().collect(),
            Leaders::Validators => self.committee.validators().iter().map(|v| (v.account, v.weight)).collect(),
        }
    }

    /// R16, R31. Whether `owner` may propose in some round of this height, and so may ask to leave one.
    pub fn may_ask_for_timeout(&self, owner: &Owner) -> bool {
        match &self.ownership.leaders {
            Leaders::Owners(owners) => owners.open_multi_leader || self.ownership.is_owner(owner),
            Leaders::Validators => self.committee.validators().iter().any(|validator| validator.account == *owner),
        }
    }

    /// R16 (b). The only key that may propose in `round`, if there is just one.
    pub fn sole_proposer(&self, round: Round) -> Option<Owner> {
        match (self.kind(round)?, &self.ownership.leaders) {
            (RoundKind::Fast, Leaders::Owners(owners)) => only(&mut owners.fast.iter().copied()),
            (RoundKind::MultiLeader, Leaders::Owners(owners)) if !owners.open_multi_leader => {
                only(&mut self.ownership.all_owners().into_iter())
            }
            (RoundKind::SingleLeader, _) => self.leader(round),
            (RoundKind::Fast | RoundKind::MultiLeader, _) => None,
        }
    }

    /// R17. How long a round lasts before validators agree to leave it. Single-leader rounds grow without bound.
    pub fn duration(&self, round: Round) -> TimeDelta {
        let timeouts = &self.ownership.timeouts;
        let single_leader_rounds_before = round.0.saturating_sub(self.last_multi_leader_round().0.saturating_add(1));
        let factor = u128::from(timeouts.growth_percent) + 100;
        let mut length = u128::from(timeouts.base.0);
        for _ in 0..single_leader_rounds_before {
            if length > u128::from(u64::MAX) {
                break;
            }
            length = (length * factor).div_ceil(100);
        }
        TimeDelta(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

/// The one item of `items`, if there is exactly one.
fn only(items: &mut dyn Iterator<Item = Owner>) -> Option<Owner> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}
