//! Proposals and requests to leave a round: what owners sign.

use crate::{
    BlockHash, Body, Certificate, Hash, NetworkId, Owner, Round, TimeoutCertificate,
    encoding::{ByteArray, Opaque},
    vote::Slot,
    words::{self, Word},
};
use serde::{Deserialize, Serialize};

/// A block offered in a round (R20).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// The block, and the oracle answers if it was executed before.
    pub body: Body,
    /// The header hash that the proposer computed.
    pub block: BlockHash,
    /// In which round.
    pub round: Round,
    /// Why it may be proposed in this round (R21 to R24).
    pub justification: Option<Justification>,
    /// Who proposes it: its author, or whoever offers it again.
    pub proposer: Owner,
    /// The proposer's, over slot, round and header hash.
    pub signature: OwnerSignature,
}

/// What permits a proposal outside the first round.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Justification {
    /// A validated certificate of an earlier round for the same block.
    Certificate(Certificate),
    /// An earlier round was left, and what is known permits the block (R10).
    Timeout(TimeoutCertificate),
}

/// An owner's signature over a 32-byte digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OwnerSignature {
    /// Ed25519 over the digest, valid by ZIP-215.
    Ed25519(ByteArray<64>),
    /// secp256k1 with low s over the digest as EIP-712 has it: r, s, v.
    Ethereum(ByteArray<65>),
    /// P-256 with low s, made by an authenticator whose challenge was the digest.
    Passkey {
        /// What the authenticator says of itself.
        authenticator_data: Opaque,
        /// What the browser says it asked for.
        client_data_json: Opaque,
        /// r and s.
        signature: ByteArray<64>,
    },
}

/// Asks validators to leave a round (R16).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimeoutRequest {
    /// What is being decided.
    pub slot: Slot,
    /// The round to leave.
    pub round: Round,
    /// Somebody who may propose at this height.
    pub requester: Owner,
    /// Theirs, over slot and round.
    pub signature: OwnerSignature,
}

static PROPOSAL: words::TypeHash =
    words::TypeHash::new("Proposal(bytes32 chain,uint64 height,uint32 epoch,uint32 round,bytes32 block)");
static TIMEOUT_REQUEST: words::TypeHash =
    words::TypeHash::new("TimeoutRequest(bytes32 chain,uint64 height,uint32 epoch,uint32 round)");

/// The digest that the proposer of `block` in `round` signs.
pub fn proposal_digest(network: NetworkId, slot: Slot, round: Round, block: BlockHash) -> Hash {
    words::signing_digest(network, words::hash(proposal_words(slot, round, block)))
}

/// The digest that somebody signs who asks to leave `round`.
pub fn timeout_request_digest(network: NetworkId, slot: Slot, round: Round) -> Hash {
    let [chain, height, epoch, round] = in_round(slot, round);
    words::signing_digest(network, words::hash([TIMEOUT_REQUEST.word(), chain, height, epoch, round]))
}

fn proposal_words(slot: Slot, round: Round, block: BlockHash) -> [Word; 6] {
    let [chain, height, epoch, round] = in_round(slot, round);
    [PROPOSAL.word(), chain, height, epoch, round, block.0.0]
}

fn in_round(slot: Slot, round: Round) -> [Word; 4] {
    [slot.chain.0.0, words::number(slot.height.0), words::number(slot.epoch.0), words::number(round.0)]
}

impl Proposal {
    /// The height that it is for.
    pub fn slot(&self) -> Slot {
        let proposed = &self.body.proposed;
        Slot { chain: proposed.chain, height: proposed.height, epoch: proposed.epoch }
    }

    /// What its proposer signs.
    pub fn digest(&self, network: NetworkId) -> Hash {
        proposal_digest(network, self.slot(), self.round, self.block)
    }

    /// What the proposers of several proposals sign, for less than one after the other.
    pub fn digests<'a>(network: NetworkId, proposals: impl Iterator<Item = &'a Proposal>) -> Vec<Hash> {
        let words = proposals.map(|proposal| proposal_words(proposal.slot(), proposal.round, proposal.block));
        words::signing_digests(network, &words::hash_each(words))
    }
}

impl TimeoutRequest {
    /// What its requester signs.
    pub fn digest(&self, network: NetworkId) -> Hash {
        timeout_request_digest(network, self.slot, self.round)
    }
}
