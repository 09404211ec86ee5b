//! What surrounds a session: the time, the height in question, and who knows signatures.

use myceline_consensus::Terms;
use myceline_types::{
    Authority, BlockHash, Hash, NetworkId, Round, Slot, Timestamp, Verifier,
    proposal::{proposal_digest, timeout_request_digest},
};

/// What a step may look at besides the session itself.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The time.
    pub now: Timestamp,
    /// Part of everything signed.
    pub network: NetworkId,
    /// The facts of the height.
    pub terms: Terms<'a>,
    /// Knows signatures.
    pub verifier: &'a dyn Verifier,
}

impl<'a> Setting<'a> {
    /// What votes and certificates of the height are checked against.
    pub fn authority(&self) -> Authority<'a> {
        Authority { network: self.network, committee: self.terms.committee, verifier: self.verifier }
    }
}

/// What an owner is asked to sign, so that whoever holds the key can show it before signing its digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statement {
    /// A block is offered in a round.
    Proposal {
        /// The height.
        slot: Slot,
        /// In which round.
        round: Round,
        /// The block.
        block: BlockHash,
    },
    /// A round is to be left.
    LeaveRound {
        /// The height.
        slot: Slot,
        /// The round.
        round: Round,
    },
}

impl Statement {
    /// The digest to sign.
    pub fn digest(&self, network: NetworkId) -> Hash {
        match *self {
            Statement::Proposal { slot, round, block } => proposal_digest(network, slot, round, block),
            Statement::LeaveRound { slot, round } => timeout_request_digest(network, slot, round),
        }
    }
}
