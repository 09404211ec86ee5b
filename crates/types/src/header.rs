//! The header of a block: what its hash commits to.

use crate::{BlockHash, BlockHeight, ChainId, Epoch, Hash, Owner, Timestamp, words};
use serde::{Deserialize, Serialize};

/// Commits to a block and its outcome. Its hash, over fixed words, names the block; Solidity computes it with `abi.encode`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// The chain.
    pub chain: ChainId,
    /// Whose committee certifies it.
    pub epoch: Epoch,
    /// How many blocks come before it.
    pub height: BlockHeight,
    /// Not before any time that the block depends on.
    pub timestamp: Timestamp,
    /// The block before it.
    pub previous: Option<BlockHash>,
    /// Who made it and answers for its operations.
    pub author: Option<Owner>,
    /// The roots of what is in the block and of what it did.
    pub roots: Roots,
}

/// Binary Merkle roots of the lists in a block, zero for an empty list, and the root of the state after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Roots {
    /// Of the transactions.
    pub transactions: Hash,
    /// Of the messages sent.
    pub messages: Hash,
    /// Of the events emitted.
    pub events: Hash,
    /// Of the oracle answers used: zero makes the block oracle-free (R5).
    pub oracle: Hash,
    /// Of the blobs published.
    pub blobs: Hash,
    /// Of the results of operations.
    pub results: Hash,
    /// Of the links to the previous message to each recipient.
    pub message_links: Hash,
    /// Of the links to the previous event of each stream.
    pub event_links: Hash,
    /// The authenticated state after the block.
    pub state: Hash,
}

impl Header {
    /// The name of the block.
    pub fn hash(&self) -> BlockHash {
        let roots = &self.roots;
        BlockHash(words::hash([
            words::tag("myceline.block.v1"),
            self.chain.0.0,
            words::number(self.epoch.0),
            words::number(self.height.0),
            words::number(self.timestamp.0),
            self.previous.map_or(Hash::ZERO, |block| block.0).0,
            self.author.map_or(Hash::ZERO, |owner| owner.word()).0,
            roots.transactions.0,
            roots.messages.0,
            roots.events.0,
            roots.oracle.0,
            roots.blobs.0,
            roots.results.0,
            roots.message_links.0,
            roots.event_links.0,
            roots.state.0,
        ]))
    }

    /// Whether the block used no oracle answer, so that it may be final by the fast quorum (R5, R8).
    pub fn is_oracle_free(&self) -> bool {
        self.roots.oracle == Hash::ZERO
    }
}
