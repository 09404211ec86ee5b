//! Committees: who the validators of an epoch are, what their votes weigh, and the thresholds that follow (R1).

use crate::{Mutation, Owner, encoding, mutation::Dropped};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A validator's secp256k1 public key, compressed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValidatorKey(pub [u8; 33]);

impl fmt::Display for ValidatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ValidatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..5]))
    }
}

/// A text that is not 66 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a validator's public key of 66 hexadecimal digits, got {0:?}")]
pub struct ParseValidatorKeyError(String);

impl FromStr for ValidatorKey {
    type Err = ParseValidatorKeyError;

    fn from_str(text: &str) -> Result<ValidatorKey, ParseValidatorKeyError> {
        let mut bytes = [0; 33];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseValidatorKeyError(text.into()))?;
        Ok(ValidatorKey(bytes))
    }
}

impl Serialize for ValidatorKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encoding::serialize_bytes(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for ValidatorKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ValidatorKey, D::Error> {
        encoding::deserialize_bytes(deserializer).map(ValidatorKey)
    }
}

/// A member of a committee.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Validator {
    /// Signs its votes.
    pub key: ValidatorKey,
    /// The Ethereum address of that key: what `ecrecover` returns, and the owner that it is on public chains.
    pub account: Owner,
    /// What its votes weigh.
    pub weight: u64,
    /// Where it is reached: a URI such as `https://validator.example:443`.
    pub address: String,
}

/// The validators of an epoch in a fixed order, and what may go wrong with them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Committee {
    validators: Vec<Validator>,
    faulty: u64,
    slow: u64,
    total: u64,
    dropped: Dropped,
}

/// How a committee is written down; read back, it is checked again.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Committee")]
struct Unchecked {
    validators: Vec<Validator>,
    faulty: u64,
    slow: u64,
}

/// What a committee's weights are meant to withstand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resilience {
    /// Just under a third may be faulty; the fast path needs everybody.
    Classic,
    /// Just under a fifth may be faulty, and as much again may be slow on the fast path.
    Fast,
    /// These weights.
    Custom {
        /// May be Byzantine.
        faulty: u64,
        /// May merely be slow on the fast path.
        slow: u64,
    },
}

/// The most members of a committee: a signer's place is one byte in many messages.
pub const VALIDATORS_MAX: usize = 256;

/// Why these validators are no committee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCommittee {
    /// Nobody at all.
    #[error("a committee needs at least one validator")]
    Empty,
    /// More than can be counted in a byte.
    #[error("a committee has at most {VALIDATORS_MAX} validators")]
    TooLarge,
    /// The same key twice.
    #[error("validator {0} stands in the committee twice")]
    Duplicate(ValidatorKey),
    /// A vote that weighs nothing.
    #[error("the weight of validator {0} must be positive")]
    ZeroWeight(ValidatorKey),
    /// The weights leave no room for thresholds.
    #[error("the weights must add up to less than 2^62")]
    WeightOverflow,
    /// R1 does not hold.
    #[error(
        "3 × faulty + 2 × slow + 1 must be at most the total weight {total}, but faulty is {faulty} and slow is {slow}"
    )]
    TooWeak {
        /// All weight.
        total: u64,
        /// May be Byzantine.
        faulty: u64,
        /// May be slow.
        slow: u64,
    },
    /// The owner that a validator acts as is not an Ethereum address.
    #[error("validator {0} must act under the Ethereum address of its key")]
    NoAddress(ValidatorKey),
}

impl Committee {
    /// Checks R1 and that each validator counts once.
    pub fn new(validators: Vec<Validator>, resilience: Resilience) -> Result<Committee, InvalidCommittee> {
        Committee::build(validators, resilience, Dropped::default())
    }

    /// A committee under which one rule is dropped, to show that the rule is needed.
    #[cfg(feature = "mutants")]
    pub fn dropping(
        validators: Vec<Validator>,
        resilience: Resilience,
        rule: Option<Mutation>,
    ) -> Result<Committee, InvalidCommittee> {
        Committee::build(validators, resilience, Dropped(rule))
    }

    fn build(
        validators: Vec<Validator>,
        resilience: Resilience,
        dropped: Dropped,
    ) -> Result<Committee, InvalidCommittee> {
        if validators.is_empty() {
            return Err(InvalidCommittee::Empty);
        }
        if validators.len() > VALIDATORS_MAX {
            return Err(InvalidCommittee::TooLarge);
        }
        for (index, validator) in validators.iter().enumerate() {
            check_validator(validator, &validators[..index])?;
        }
        let total = total_weight(&validators)?;
        let (faulty, slow) = resilience.weights(total);
        let needed = 3 * u128::from(faulty) + 2 * u128::from(slow) + 1;
        if needed > u128::from(total) && !dropped.is(Mutation::TooWeak) {
            return Err(InvalidCommittee::TooWeak { total, faulty, slow });
        }
        Ok(Committee { validators, faulty, slow, total, dropped })
    }

    /// The members in the order that signer bitmaps refer to.
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// The member at a place, if there is one.
    pub fn get(&self, index: u8) -> Option<&Validator> {
        self.validators.get(usize::from(index))
    }

    /// The place of a key.
    pub fn index_of(&self, key: &ValidatorKey) -> Option<u8> {
        let index = self.validators.iter().position(|validator| validator.key == *key)?;
        u8::try_from(index).ok()
    }

    /// What the vote of the member at a place weighs; nothing where there is none.
    pub fn weight(&self, index: u8) -> u64 {
        self.get(index).map_or(0, |validator| validator.weight)
    }

    /// All weight, N in R1.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Weight that may be Byzantine, f in R1.
    pub fn faulty(&self) -> u64 {
        self.faulty
    }

    /// Weight that may merely be slow on the fast path, p in R1.
    pub fn slow(&self) -> u64 {
        self.slow
    }

    /// Q in R1: two quorums meet in an honest validator.
    pub fn quorum(&self) -> u64 {
        (self.total + self.faulty + 1).div_ceil(2) - u64::from(self.drops(Mutation::QuorumOneLess))
    }

    /// F in R1: makes a block of round 0 final at once.
    pub fn fast_quorum(&self) -> u64 {
        self.total - self.slow - u64::from(self.drops(Mutation::FastQuorumOneLess))
    }

    /// N - f in R9: what a timeout certificate weighs, and what a fresh answer is made of.
    pub fn timeout_quorum(&self) -> u64 {
        if self.drops(Mutation::TimeoutNeedsAllWeight) {
            return self.total;
        }
        self.total - self.faulty - u64::from(self.drops(Mutation::TimeoutQuorumOneLess))
    }

    /// Whether `rule` is dropped under this committee: never, but in tests that ask for it.
    #[doc(hidden)]
    pub fn drops(&self, rule: Mutation) -> bool {
        self.dropped.is(rule)
    }
}

impl Resilience {
    fn weights(self, total: u64) -> (u64, u64) {
        match self {
            Resilience::Classic => ((total - 1) / 3, 0),
            Resilience::Fast => ((total - 1) / 5, (total - 1) / 5),
            Resilience::Custom { faulty, slow } => (faulty, slow),
        }
    }
}

fn check_validator(validator: &Validator, before: &[Validator]) -> Result<(), InvalidCommittee> {
    let key = validator.key;
    if before.iter().any(|other| other.key == key) {
        return Err(InvalidCommittee::Duplicate(key));
    }
    if validator.weight == 0 {
        return Err(InvalidCommittee::ZeroWeight(key));
    }
    if !matches!(validator.account, Owner::Ethereum(_)) {
        return Err(InvalidCommittee::NoAddress(key));
    }
    Ok(())
}

fn total_weight(validators: &[Validator]) -> Result<u64, InvalidCommittee> {
    let total = validators.iter().try_fold(0u64, |sum, validator| sum.checked_add(validator.weight));
    total.filter(|total| total >> 62 == 0).ok_or(InvalidCommittee::WeightOverflow)
}

impl TryFrom<Unchecked> for Committee {
    type Error = InvalidCommittee;

    fn try_from(unchecked: Unchecked) -> Result<Committee, InvalidCommittee> {
        let Unchecked { validators, faulty, slow } = unchecked;
        Committee::new(validators, Resilience::Custom { faulty, slow })
    }
}

impl From<Committee> for Unchecked {
    fn from(committee: Committee) -> Unchecked {
        let Committee { validators, faulty, slow, .. } = committee;
        Unchecked { validators, faulty, slow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validators(weights: &[u64]) -> Vec<Validator> {
        let member = |(index, weight): (u8, &u64)| Validator {
            key: ValidatorKey([index; 33]),
            account: Owner::Ethereum([index; 20]),
            weight: *weight,
            address: String::new(),
        };
        (0..).zip(weights).map(member).collect()
    }

    #[test]
    fn r1_thresholds_of_small_committees() {
        let check = |count: usize, resilience, expected: (u64, u64, u64, u64, u64)| {
            let c = Committee::new(validators(&vec![1; count]), resilience).unwrap();
            assert_eq!(
                (c.faulty(), c.slow(), c.quorum(), c.fast_quorum(), c.timeout_quorum()),
                expected,
                "{count} {resilience:?}"
            );
        };
        check(1, Resilience::Classic, (0, 0, 1, 1, 1));
        check(3, Resilience::Classic, (0, 0, 2, 3, 3));
        check(4, Resilience::Classic, (1, 0, 3, 4, 3));
        check(7, Resilience::Classic, (2, 0, 5, 7, 5));
        check(4, Resilience::Fast, (0, 0, 3, 4, 4));
        check(6, Resilience::Fast, (1, 1, 4, 5, 5));
        check(6, Resilience::Custom { faulty: 1, slow: 1 }, (1, 1, 4, 5, 5));
    }

    #[test]
    fn r1_quorums_of_all_weights_up_to_sixty_meet_as_the_proof_needs() {
        for total in 1..=60u64 {
            for faulty in 0..=(total - 1) / 3 {
                for slow in 0..=(total - 1 - 3 * faulty) / 2 {
                    let c = Committee::new(validators(&[total]), Resilience::Custom { faulty, slow }).unwrap();
                    let (n, f, q, fast) = (total, faulty, c.quorum(), c.fast_quorum());
                    assert!(
                        2 * q > n + f && fast + q > n + f && q > 2 * f && q <= fast && q <= c.timeout_quorum(),
                        "{c:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn bad_committees_are_refused_also_when_decoded() {
        let refuse = |validators: Vec<Validator>, resilience| Committee::new(validators, resilience).unwrap_err();
        assert_eq!(refuse(vec![], Resilience::Classic), InvalidCommittee::Empty);
        assert_eq!(
            refuse(validators(&[1, 0]), Resilience::Classic),
            InvalidCommittee::ZeroWeight(ValidatorKey([1; 33]))
        );
        assert_eq!(refuse(validators(&[u64::MAX, 1]), Resilience::Classic), InvalidCommittee::WeightOverflow);
        assert_eq!(refuse(validators(&[1 << 62]), Resilience::Classic), InvalidCommittee::WeightOverflow);
        let twice = [validators(&[1]), validators(&[1])].concat();
        assert_eq!(refuse(twice, Resilience::Classic), InvalidCommittee::Duplicate(ValidatorKey([0; 33])));
        let weak = Resilience::Custom { faulty: 1, slow: 1 };
        assert_eq!(refuse(validators(&[1; 5]), weak), InvalidCommittee::TooWeak { total: 5, faulty: 1, slow: 1 });
        let bytes = encoding::to_bytes(&Unchecked { validators: validators(&[1; 5]), faulty: 1, slow: 1 });
        assert!(encoding::from_bytes::<Committee>(&bytes).unwrap_err().why.contains("at most the total weight"));
    }
}
