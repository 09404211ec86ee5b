//! The resource policy of an epoch: prices and limits. Part of the committee's terms, never of a validator's settings.

use crate::Amount;
use serde::{Deserialize, Serialize};

/// Prices and limits that all validators of an epoch apply.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Policy {
    /// What things cost.
    pub prices: Prices,
    /// How large things may be.
    pub limits: Limits,
}

/// What things cost; all zero where nothing does.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Prices {
    /// An operation.
    pub operation: Amount,
    /// A byte of an operation.
    pub operation_byte: Amount,
    /// A message sent: the sender pays for what waits in others' inboxes.
    pub message: Amount,
    /// A byte of a message sent.
    pub message_byte: Amount,
    /// A blob published.
    pub blob: Amount,
    /// A byte of a blob published.
    pub blob_byte: Amount,
    /// A chain opened.
    pub chain: Amount,
}

/// How large things may be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Canonical bytes of a proposed block.
    pub block_bytes: u64,
    /// Transactions of a block.
    pub transactions: u64,
    /// Chains that a block sends to.
    pub recipients: u64,
    /// Messages that a block sends.
    pub messages: u64,
    /// Canonical bytes of a bundle: at most a quarter of a block, so that every bundle can be consumed.
    pub bundle_bytes: u64,
    /// Bytes of a blob.
    pub blob_bytes: u64,
    /// Blobs that a block publishes.
    pub blobs: u64,
    /// Bytes of an event.
    pub event_bytes: u64,
    /// Bytes of an oracle answer.
    pub oracle_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            block_bytes: 1 << 20,
            transactions: 1_000,
            recipients: 1_000,
            messages: 4_000,
            bundle_bytes: 1 << 18,
            blob_bytes: 1 << 20,
            blobs: 16,
            event_bytes: 1 << 16,
            oracle_bytes: 10_000,
        }
    }
}

impl Limits {
    /// Whether every bundle that can be sent can also be consumed.
    pub fn are_consistent(&self) -> bool {
        self.bundle_bytes <= self.block_bytes / 4 && self.transactions > 0 && self.messages > 0 && self.recipients > 0
    }
}
