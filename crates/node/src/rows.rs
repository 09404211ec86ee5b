//! What the rows of a store say.

use crate::layout::BodyKey;
use myceline_chain::Tip;
use myceline_consensus::{Machine, VoteLog};
use myceline_state::{OrderedKey, key::KeyBuffer};
use myceline_types::{
    Blob, Block, BlockHash, BlockHeight, Body, Certificate, ChainId, Opaque, Proposal, Timestamp, vote::SignedVote,
};
use serde::{Deserialize, Serialize};

/// Where a chain stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChainRow {
    /// Where it ends.
    pub tip: Tip,
    /// The consensus on the next height.
    pub machine: Machine,
    /// The blocks of the next height whose bodies are stored: each was voted for (R11).
    pub bodies: Vec<KeptBody>,
    /// How many consumed bundles have not arrived yet.
    pub anticipated: u32,
    /// A bundle arrived that contradicts what was consumed: nothing is signed any more.
    pub halted: bool,
}

/// Where the body of a block of the next height is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptBody {
    /// Its row.
    pub key: BodyKey,
    /// Whether it is stored with its outcome.
    pub executed: bool,
}

/// A block that was voted for, with the blobs that it publishes. Written once, at the vote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BodyRow {
    /// The block, executed or not.
    pub block: StoredBlock,
    /// What it publishes.
    pub blobs: Vec<Blob>,
}

/// A block as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum StoredBlock {
    /// With its outcome.
    Executed(Block),
    /// Voted for on the strength of a certificate, so not executed here (R14).
    Proposed(Body),
}

/// A [`BodyRow`] about to be written, without a copy of what is in it.
#[derive(Serialize)]
pub(crate) struct BodyRowRef<'a> {
    pub(crate) block: StoredBlockRef<'a>,
    pub(crate) blobs: &'a [Blob],
}

/// Likewise a [`StoredBlock`].
#[derive(Serialize)]
pub(crate) enum StoredBlockRef<'a> {
    Executed(&'a Block),
    Proposed(&'a Body),
}

impl StoredBlock {
    /// Enough to execute it again.
    pub fn body(&self) -> Body {
        match self {
            StoredBlock::Executed(block) => block.body(),
            StoredBlock::Proposed(body) => body.clone(),
        }
    }
}

/// A certified block. What the certificate says is not said again: there are as many of these rows as blocks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CommitRow {
    /// Makes it final.
    pub certificate: Certificate,
    /// When it was voted for here: with its name, the key of its body.
    pub voted: Timestamp,
}

impl CommitRow {
    /// In so many bytes at the beginning of a row it says which chain and which height, and no more.
    pub(crate) const PLACE_BYTES: usize = 40;

    /// Which chain, and at which height.
    pub fn place(&self) -> (ChainId, BlockHeight) {
        (self.certificate.slot.chain, self.certificate.slot.height)
    }

    /// The name of the block.
    pub fn block(&self) -> BlockHash {
        self.certificate.block
    }

    /// Where its body is.
    pub fn body(&self) -> BodyKey {
        (self.voted, self.block())
    }
}

/// A certified event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventRow {
    /// The block that emitted it.
    pub height: BlockHeight,
    /// What it says.
    pub value: Opaque,
}

/// The votes that this validator gave in the newest round of a height, with their signatures.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct VoteRow {
    /// At which height.
    pub height: BlockHeight,
    /// What the key checks before it signs (R12).
    pub log: VoteLog,
    /// The votes as they were sent.
    pub signed: Vec<SignedVote>,
}

/// What a client has signed for the next height of a chain. It is written before it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingRow {
    /// The request that it carries out, if it does.
    pub request: Option<RequestId>,
    /// The proposal, sent again as it is.
    pub proposal: Proposal,
    /// What its block publishes.
    pub blobs: Vec<Blob>,
}

/// The name that a caller gives to something that is to be done once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

impl OrderedKey for RequestId {
    fn encode_into(&self, key: &mut KeyBuffer) {
        self.0.encode_into(key);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<RequestId> {
        <[u8; 16]>::decode_from(bytes).map(RequestId)
    }
}

/// The block that was last made to carry out a request: whether it did is known when its height is decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestRow {
    /// The block's height.
    pub height: BlockHeight,
    /// Its name.
    pub block: BlockHash,
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{Epoch, Hash, Outcome, ProposedBlock, encoding};

    #[test]
    fn a_body_is_written_as_it_is_read() {
        let proposed = ProposedBlock {
            chain: ChainId(Hash([1; 32])),
            epoch: Epoch::ZERO,
            height: BlockHeight(7),
            timestamp: Timestamp(8),
            previous: None,
            author: None,
            transactions: Vec::new(),
        };
        let block = Block { proposed, outcome: Outcome::default() };
        let (body, blobs) = (block.body(), vec![Blob::data(vec![3; 5])]);
        for (written, read) in [
            (StoredBlockRef::Executed(&block), StoredBlock::Executed(block.clone())),
            (StoredBlockRef::Proposed(&body), StoredBlock::Proposed(body.clone())),
        ] {
            let bytes = encoding::to_bytes(&BodyRowRef { block: written, blobs: &blobs });
            assert_eq!(encoding::from_bytes(&bytes), Ok(BodyRow { block: read, blobs: blobs.clone() }));
        }
    }
}
