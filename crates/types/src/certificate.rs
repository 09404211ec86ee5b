//! Certificates: enough votes of one round to prove something about a height. Signers are a bitmap over the committee.

use crate::{
    BlockHash, Committee, Round,
    vote::{Ballot, Phase, Report, Slot, Vote, VoteSignature},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A set of places in a committee, one bit each, lowest place in the lowest bit of the first byte; no trailing zero bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Signers(Vec<u8>);

/// Bytes of the largest bitmap: 256 places.
const SIGNER_BYTES_MAX: usize = 32;

impl Signers {
    /// Adds a place.
    pub fn insert(&mut self, index: u8) {
        let (byte, bit) = (usize::from(index / 8), index % 8);
        if self.0.len() <= byte {
            self.0.resize(byte + 1, 0);
        }
        self.0[byte] |= 1 << bit;
    }

    /// Whether a place is in the set.
    pub fn contains(&self, index: u8) -> bool {
        self.0.get(usize::from(index / 8)).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
    }

    /// The places in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=u8::MAX).take(self.0.len() * 8).filter(|index| self.contains(*index))
    }

    /// Whether this is the only way to write this set.
    fn is_canonical(&self) -> bool {
        self.0.len() <= SIGNER_BYTES_MAX && self.0.last() != Some(&0)
    }
}

impl FromIterator<u8> for Signers {
    fn from_iter<I: IntoIterator<Item = u8>>(places: I) -> Signers {
        let mut signers = Signers::default();
        places.into_iter().for_each(|index| signers.insert(index));
        signers
    }
}

/// What the votes of a certificate all say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum CertificateKind {
    /// `Validate`: with weight Q a validated certificate (R7); in round 0 with weight F of an oracle-free block, final (R8).
    Validated,
    /// `Confirm`: with weight Q final (R8).
    Confirmed,
}

/// Votes of weight at least Q for one block in one round.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// What is decided.
    pub slot: Slot,
    /// In which round.
    pub round: Round,
    /// What the votes say of the block.
    pub kind: CertificateKind,
    /// The block.
    pub block: BlockHash,
    /// Who voted.
    pub signers: Signers,
    /// Their signatures, in the order of the signers. A certificate is in many hands at once, so that copies share them.
    pub signatures: Arc<Vec<VoteSignature>>,
}

/// A timeout vote inside a timeout certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimeoutVote {
    /// A place in the committee.
    pub signer: u8,
    /// What they know.
    pub report: Report,
    /// Proof that they say so.
    pub signature: VoteSignature,
}

/// Timeout votes of weight at least N - f, all of one round, with the highest certificate that they report (R9).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimeoutCertificate {
    /// What is decided.
    pub slot: Slot,
    /// The round that is left.
    pub round: Round,
    /// In ascending order of signers.
    pub votes: Vec<TimeoutVote>,
    /// A validated certificate of a round not above this one and not below any report; there if any vote reports one.
    pub attached: Option<Certificate>,
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidCertificate {
    /// The bitmap is not in its one form, or does not fit the signatures.
    #[error("the signers of the certificate are not written in their one form")]
    Signers,
    /// Somebody who is not in the committee.
    #[error("signer {0} is not in the committee")]
    UnknownSigner(u8),
    /// Not enough.
    #[error("the votes weigh {weight} of the needed {needed}")]
    TooLight {
        /// What they weigh.
        weight: u64,
        /// What they would have to.
        needed: u64,
    },
    /// Not signed by who is said to have signed.
    #[error("the signature of signer {0} does not fit its vote")]
    Signature(u8),
    /// R9 does not hold for the attached certificate.
    #[error("the certificate attached to the timeout does not fit its reports")]
    Attached,
    /// About another chain, height or epoch than what it came with.
    #[error("the certificate is about another chain, height or epoch")]
    Slot,
}

impl Certificate {
    /// The vote that every signer cast.
    pub fn vote(&self) -> Vote {
        let ballot = match self.kind {
            CertificateKind::Validated => Ballot::Validate(self.block),
            CertificateKind::Confirmed => Ballot::Confirm(self.block),
        };
        Vote { slot: self.slot, round: self.round, ballot }
    }

    /// The phase of its votes.
    pub fn phase(&self) -> Phase {
        self.vote().ballot.phase()
    }

    /// What the votes weigh. Fails unless each signer is known, counts once and comes with a signature.
    pub fn weight(&self, committee: &Committee) -> Result<u64, InvalidCertificate> {
        if !self.signers.is_canonical() || self.signers.iter().count() != self.signatures.len() {
            return Err(InvalidCertificate::Signers);
        }
        weigh(self.signers.iter(), committee)
    }
}

impl TimeoutCertificate {
    /// The vote that this signer cast.
    pub fn vote(&self, vote: &TimeoutVote) -> Vote {
        Vote { slot: self.slot, round: self.round, ballot: Ballot::Timeout(vote.report) }
    }

    /// What the votes weigh. Fails unless each signer is known and stands once, in ascending order.
    pub fn weight(&self, committee: &Committee) -> Result<u64, InvalidCertificate> {
        if !self.votes.is_sorted_by(|a, b| a.signer < b.signer) {
            return Err(InvalidCertificate::Signers);
        }
        weigh(self.votes.iter().map(|vote| vote.signer), committee)
    }
}

fn weigh(signers: impl Iterator<Item = u8>, committee: &Committee) -> Result<u64, InvalidCertificate> {
    let mut weight = 0;
    for signer in signers {
        weight += committee.get(signer).ok_or(InvalidCertificate::UnknownSigner(signer))?.weight;
    }
    Ok(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_signers_has_one_form() {
        let signers: Signers = [3, 200, 0].into_iter().collect();
        assert_eq!(signers.iter().collect::<Vec<_>>(), [0, 3, 200]);
        assert!(signers.contains(200) && !signers.contains(201) && signers.is_canonical());
        assert!(!Signers(vec![1, 0]).is_canonical());
        assert!(!Signers(vec![1; 33]).is_canonical());
        assert_eq!(Signers(vec![255; 32]).iter().count(), 256);
    }
}
