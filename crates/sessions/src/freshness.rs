//! Where a chain stands now: signed answers with a nonce from weight N - f, of which the highest is adopted.
//!
//! A certificate proves that a block exists, never that it is the last one. And one faulty validator may claim any height:
//! whoever claims more than it can show is left out.

use crate::Setting;
use myceline_types::{BlockHeight, ChainId, Committee, Hash, NetworkId, Verifier, api::SignedInfo};
use std::collections::BTreeMap;

/// Claims about where a chain stands.
#[derive(Clone, Debug)]
pub struct Freshness {
    chain: ChainId,
    nonce: u64,
    claims: BTreeMap<u8, BlockHeight>,
}

/// Whom to believe about validators: their committee.
#[derive(Clone, Copy)]
pub struct Electorate<'a> {
    /// Part of everything signed.
    pub network: NetworkId,
    /// Who signs.
    pub committee: &'a Committee,
    /// Knows signatures.
    pub verifier: &'a dyn Verifier,
}

impl<'a> From<&Setting<'a>> for Electorate<'a> {
    fn from(setting: &Setting<'a>) -> Electorate<'a> {
        Electorate { network: setting.network, committee: setting.terms.committee, verifier: setting.verifier }
    }
}

impl Freshness {
    /// Asks about `chain` with a number that nobody could foresee.
    pub fn new(chain: ChainId, nonce: u64) -> Freshness {
        Freshness { chain, nonce, claims: BTreeMap::new() }
    }

    /// Takes an answer, if it is to this question and signed by the validator at this place.
    pub fn hear(&mut self, electorate: Electorate<'_>, validator: u8, answer: &SignedInfo) -> bool {
        let info = &answer.info;
        let is_to_this = info.chain == self.chain && info.nonce == self.nonce && answer.signer == validator;
        let digest: Hash = info.digest(electorate.network);
        let is_signed = |account| electorate.verifier.owner(account, digest, &answer.signature);
        let is_good =
            is_to_this && electorate.committee.get(validator).is_some_and(|member| is_signed(&member.account));
        if is_good {
            self.claims.insert(validator, info.next);
        }
        is_good
    }

    /// A validator could not show what it claimed.
    pub fn discredit(&mut self, validator: u8) {
        self.claims.remove(&validator);
    }

    /// The highest claim above `next`, and who made it.
    pub fn highest_above(&self, next: BlockHeight) -> Option<(BlockHeight, Vec<u8>)> {
        let highest = self.claims.values().copied().max().filter(|highest| *highest > next)?;
        let claimants = self.claims.iter().filter(|(_, claim)| **claim == highest).map(|(validator, _)| *validator);
        Some((highest, claimants.collect()))
    }

    /// Whether a validator that answered lacks a block below `next`.
    pub fn is_anyone_below(&self, next: BlockHeight) -> bool {
        self.claims.values().any(|claim| *claim < next)
    }

    /// Whether a chain with this next height is current as of the nonce; otherwise it is "at least" there.
    pub fn is_current(&self, committee: &Committee, next: BlockHeight) -> bool {
        let credible = self.claims.iter().filter(|(_, claim)| **claim <= next);
        credible.map(|(validator, _)| committee.weight(*validator)).sum::<u64>() >= committee.timeout_quorum()
    }
}
