//! Who may propose blocks of a chain, in which rounds, and how long rounds last. Checked when it is set.

use crate::{Owner, TimeDelta, encoding};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The rules by which blocks of a chain are proposed. Changed only by a block of the chain itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ownership {
    /// Who leads.
    pub leaders: Leaders,
    /// How long rounds last.
    pub timeouts: Timeouts,
}

/// Who leads a chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Leaders {
    /// Owners do: a user chain (one owner) or a multi-user chain.
    Owners(OwnerSet),
    /// Validators do, by their weight: a public chain (R31).
    Validators,
}

/// The owners of a chain and the rounds that they have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OwnerSet {
    /// Owners who may also propose in round 0. A chain has a round 0 exactly if there is one (R2).
    #[serde(deserialize_with = "encoding::deserialize_set")]
    pub fast: BTreeSet<Owner>,
    /// Owners with their weights in the rotation of single-leader rounds. Fast owners need not stand here.
    pub regular: BTreeMap<Owner, u64>,
    /// Rounds 1 to this one are multi-leader: any owner may propose (R3).
    pub multi_leader_rounds: u32,
    /// Anybody at all may propose in multi-leader rounds: for application chains whose permissions restrict blocks.
    pub open_multi_leader: bool,
}

/// How long rounds last before validators agree to leave them (R17).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Timeouts {
    /// How long round 0, a multi-leader round and the first single-leader round last.
    pub base: TimeDelta,
    /// Each single-leader round lasts so many percent longer than the one before; at least 1, so that rounds grow without bound.
    pub growth_percent: u32,
}

impl Default for Timeouts {
    /// One second, growing by half.
    fn default() -> Timeouts {
        Timeouts { base: TimeDelta::from_millis(1000), growth_percent: 50 }
    }
}

/// Multi-leader rounds of a chain unless its owner says otherwise.
pub const DEFAULT_MULTI_LEADER_ROUNDS: u32 = 5;
/// The weight of the owner of a chain with one owner.
pub const DEFAULT_WEIGHT: u64 = 100;
/// The most owners that a chain may have. Each proposal looks its proposer up and a rotation adds the weights.
pub const OWNERS_MAX: usize = 256;

/// Why an ownership cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidOwnership {
    /// Nobody could ever propose a block.
    #[error("a chain needs at least one owner, or nobody could ever propose a block")]
    NoOwner,
    /// An owner whose weight is zero would never lead.
    #[error("the weight of {0} must be positive")]
    ZeroWeight(Owner),
    /// The weights do not fit together in 64 bits.
    #[error("the weights of the owners must add up to less than 2^64")]
    WeightOverflow,
    /// More owners than a chain may have.
    #[error("a chain has at most {OWNERS_MAX} owners")]
    TooManyOwners,
    /// An application cannot sign a proposal.
    #[error("{0} is an application: it cannot sign proposals")]
    ApplicationCannotPropose(Owner),
    /// Anybody may propose in multi-leader rounds, but there is none.
    #[error("open multi-leader rounds need at least one multi-leader round")]
    OpenWithoutRounds,
    /// A round that ends at once.
    #[error("the base duration of rounds must be above zero")]
    ZeroTimeout,
    /// Rounds that do not grow may never be long enough.
    #[error("rounds must grow by at least one percent")]
    NoGrowth,
}

impl Ownership {
    /// A user chain: one owner, who may use the fast round.
    pub fn single_fast(owner: Owner) -> Ownership {
        Ownership::owners(OwnerSet {
            fast: BTreeSet::from([owner]),
            multi_leader_rounds: DEFAULT_MULTI_LEADER_ROUNDS,
            ..OwnerSet::default()
        })
    }

    /// A user chain without fast round.
    pub fn single(owner: Owner) -> Ownership {
        Ownership::owners(OwnerSet {
            regular: BTreeMap::from([(owner, DEFAULT_WEIGHT)]),
            multi_leader_rounds: DEFAULT_MULTI_LEADER_ROUNDS,
            ..OwnerSet::default()
        })
    }

    /// A chain of these owners, with the usual timeouts.
    pub fn owners(owners: OwnerSet) -> Ownership {
        Ownership { leaders: Leaders::Owners(owners), timeouts: Timeouts::default() }
    }

    /// A chain that the validators lead, with the usual timeouts.
    pub fn public() -> Ownership {
        Ownership { leaders: Leaders::Validators, timeouts: Timeouts::default() }
    }

    /// Whether the chain has a round 0 (R2).
    pub fn has_fast_round(&self) -> bool {
        matches!(&self.leaders, Leaders::Owners(owners) if !owners.fast.is_empty())
    }

    /// Whether `owner` owns the chain, fast or not.
    pub fn is_owner(&self, owner: &Owner) -> bool {
        matches!(&self.leaders, Leaders::Owners(owners) if owners.contains(owner))
    }

    /// All owners; none on a public chain.
    pub fn all_owners(&self) -> BTreeSet<Owner> {
        match &self.leaders {
            Leaders::Owners(owners) => owners.fast.iter().chain(owners.regular.keys()).copied().collect(),
            Leaders::Validators => BTreeSet::new(),
        }
    }

    /// Checks that this ownership makes sense and lets blocks be made.
    pub fn check(&self) -> Result<(), InvalidOwnership> {
        if self.timeouts.base == TimeDelta::ZERO {
            return Err(InvalidOwnership::ZeroTimeout);
        }
        if self.timeouts.growth_percent == 0 {
            return Err(InvalidOwnership::NoGrowth);
        }
        match &self.leaders {
            Leaders::Owners(owners) => owners.check(),
            Leaders::Validators => Ok(()),
        }
    }
}

impl OwnerSet {
    /// Whether `owner` is one of them, fast or not.
    pub fn contains(&self, owner: &Owner) -> bool {
        self.fast.contains(owner) || self.regular.contains_key(owner)
    }

    /// R3. The owners in the rotation of single-leader rounds with their weights. All of them: a fast one without a weight
    /// counts as much as the heaviest regular one, so that whoever can begin a height can also bring it to its end.
    pub fn rotation(&self) -> BTreeMap<Owner, u64> {
        let heaviest = self.regular.values().copied().max().unwrap_or(DEFAULT_WEIGHT);
        let fast = self.fast.iter().map(|owner| (*owner, heaviest));
        fast.chain(self.regular.iter().map(|(owner, weight)| (*owner, *weight))).collect()
    }

    fn check(&self) -> Result<(), InvalidOwnership> {
        if self.fast.is_empty() && self.regular.is_empty() {
            return Err(InvalidOwnership::NoOwner);
        }
        if self.fast.len() + self.regular.len() > OWNERS_MAX {
            return Err(InvalidOwnership::TooManyOwners);
        }
        if let Some(owner) = self.fast.iter().chain(self.regular.keys()).find(|o| matches!(o, Owner::Application(_))) {
            return Err(InvalidOwnership::ApplicationCannotPropose(*owner));
        }
        if let Some((owner, _)) = self.regular.iter().find(|(_, weight)| **weight == 0) {
            return Err(InvalidOwnership::ZeroWeight(*owner));
        }
        if self.regular.values().try_fold(0u64, |sum, weight| sum.checked_add(*weight)).is_none() {
            return Err(InvalidOwnership::WeightOverflow);
        }
        if self.open_multi_leader && self.multi_leader_rounds == 0 {
            return Err(InvalidOwnership::OpenWithoutRounds);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const BOB: Owner = Owner::Ed25519([2; 32]);

    fn check(change: impl FnOnce(&mut OwnerSet, &mut Timeouts)) -> Result<(), InvalidOwnership> {
        let mut owners =
            OwnerSet { regular: BTreeMap::from([(ANN, 1)]), multi_leader_rounds: 1, ..OwnerSet::default() };
        let mut timeouts = Timeouts::default();
        change(&mut owners, &mut timeouts);
        Ownership { leaders: Leaders::Owners(owners), timeouts }.check()
    }

    #[test]
    fn whoever_can_begin_a_height_also_leads_rounds() {
        let rotation = |fast: &[Owner], regular: &[(Owner, u64)]| {
            let (fast, regular) = (fast.iter().copied().collect(), regular.iter().copied().collect());
            OwnerSet { fast, regular, ..OwnerSet::default() }.rotation().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(rotation(&[ANN, BOB], &[]), [(ANN, DEFAULT_WEIGHT), (BOB, DEFAULT_WEIGHT)]);
        assert_eq!(rotation(&[ANN], &[(ANN, 3), (BOB, 7)]), [(ANN, 3), (BOB, 7)]);
        assert_eq!(rotation(&[ANN], &[(BOB, 7)]), [(ANN, 7), (BOB, 7)]);
    }

    #[test]
    fn an_ownership_that_could_stop_a_chain_is_refused() {
        assert_eq!(check(|_, _| ()), Ok(()));
        assert_eq!(check(|owners, _| owners.regular.clear()), Err(InvalidOwnership::NoOwner));
        assert_eq!(check(|owners, _| owners.regular.extend([(BOB, 0)])), Err(InvalidOwnership::ZeroWeight(BOB)));
        assert_eq!(check(|owners, _| owners.regular.extend([(BOB, u64::MAX)])), Err(InvalidOwnership::WeightOverflow));
        assert_eq!(check(|_, timeouts| timeouts.base = TimeDelta::ZERO), Err(InvalidOwnership::ZeroTimeout));
        assert_eq!(check(|_, timeouts| timeouts.growth_percent = 0), Err(InvalidOwnership::NoGrowth));
        let application = Owner::Application(crate::ApplicationId(crate::Hash::ZERO));
        assert_eq!(
            check(|owners, _| owners.fast.extend([application])),
            Err(InvalidOwnership::ApplicationCannotPropose(application))
        );
        let open = |owners: &mut OwnerSet, _: &mut Timeouts| {
            owners.open_multi_leader = true;
            owners.multi_leader_rounds = 0;
        };
        assert_eq!(check(open), Err(InvalidOwnership::OpenWithoutRounds));
        let crowd = |owners: &mut OwnerSet, _: &mut Timeouts| {
            owners.regular = (0..=255u8)
                .map(|byte| (Owner::Ed25519([byte; 32]), 1))
                .chain([(Owner::Ethereum([0; 20]), 1)])
                .collect();
        };
        assert_eq!(check(crowd), Err(InvalidOwnership::TooManyOwners));
        assert_eq!(Ownership::public().check(), Ok(()));
    }
}
