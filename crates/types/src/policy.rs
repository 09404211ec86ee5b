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
    /// What contracts may ask of the web.
    pub web: WebPolicy,
    /// How fuel is counted. A module is published under one version and keeps it.
    pub metering: u32,
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
    /// A unit of fuel: about one instruction of Wasm.
    pub fuel: Amount,
    /// A read of an application's state.
    pub read: Amount,
    /// A byte read from it.
    pub read_byte: Amount,
    /// A write to it.
    pub write: Amount,
    /// A byte written to it.
    pub write_byte: Amount,
    /// An event.
    pub event: Amount,
    /// A byte of an event.
    pub event_byte: Amount,
    /// A blob read.
    pub blob_read: Amount,
    /// A byte of a blob read.
    pub blob_read_byte: Amount,
    /// A question to the web.
    pub web: Amount,
    /// A query of a service by a contract, besides its fuel.
    pub service: Amount,
}

/// What contracts may ask of the web: nothing, unless servers are named.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WebPolicy {
    /// Servers as scheme, host and port: `https://api.example.org:443`.
    pub servers: Vec<String>,
    /// Whether addresses of private networks and of the machine itself may be asked: for tests.
    pub allows_private: bool,
    /// How long an answer may take, in milliseconds. Whoever has none by then does not vote for the block.
    pub timeout_ms: u64,
}

impl WebPolicy {
    /// Whether this server, as a request names it, may be asked.
    pub fn allows(&self, server: &str) -> bool {
        self.servers.iter().any(|allowed| allowed == server)
    }
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
    /// Events that a block emits.
    pub events: u64,
    /// Oracle answers in a block.
    pub oracle_answers: u64,
    /// Fuel of a block: its contracts, and the services that they query.
    pub fuel: u64,
    /// Bytes of the code of a contract or a service.
    pub module_bytes: u64,
    /// Bytes that applications read from state, events and blobs in a block.
    pub read_bytes: u64,
    /// Bytes that applications write to state in a block.
    pub written_bytes: u64,
    /// Pages of 64 KiB that the memory of an instance may have.
    pub memory_pages: u32,
    /// Calls of applications inside calls.
    pub call_depth: u32,
    /// Applications that a transaction may load.
    pub loaded: u32,
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
            events: 1_000,
            oracle_answers: 64,
            fuel: 20_000_000_000,
            module_bytes: 4 << 20,
            read_bytes: 64 << 20,
            written_bytes: 8 << 20,
            memory_pages: 1_024,
            call_depth: 32,
            loaded: 64,
        }
    }
}

impl Limits {
    /// Whether every bundle that can be sent can also be consumed.
    pub fn are_consistent(&self) -> bool {
        self.bundle_bytes <= self.block_bytes / 4 && self.transactions > 0 && self.messages > 0 && self.recipients > 0
    }
}
