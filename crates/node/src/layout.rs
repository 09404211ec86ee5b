//! Where everything is in a store: one byte names the table, then keys follow in an order that serves the reads.
//!
//! Bodies and commits are only ever appended, in the order of their keys, so that an engine which sorts its files never
//! has to move them.

use crate::rows::{BodyRow, ChainRow, CommitRow, EventRow, PendingRow, RequestId, RequestRow, VoteRow};
use myceline_chain::Inbox;
use myceline_state::key::Canonical;
use myceline_state::{Key, Map, OrderedKey, Register, Set, tree::EntrySpace};
use myceline_types::{
    ApplicationId, Blob, BlobId, BlockHash, BlockHeight, ChainDescription, ChainId, Owner, StreamId, Timestamp,
};

/// The first byte of the keys of each table.
pub mod table {
    /// Where a chain stands and its round machine, by chain.
    pub const CHAIN: u8 = 1;
    /// Entries under the state root, by chain and key.
    pub const STATE: u8 = 2;
    /// Rows of large state trees, by chain and node.
    pub const TREE: u8 = 3;
    /// Bundles that wait, by recipient, origin, height and which of its transactions.
    pub const WAITING: u8 = 4;
    /// Bundles that were consumed before they arrived, by recipient, origin and cursor.
    pub const ANTICIPATED: u8 = 5;
    /// Blocks voted for, by time of the vote. Append-only.
    pub const BODY: u8 = 6;
    /// Certified blocks in the order of commits. Append-only.
    pub const COMMIT: u8 = 7;
    /// The commits of a chain, by chain and height.
    pub const HEIGHT: u8 = 8;
    /// Certified blobs, by id.
    pub const BLOB: u8 = 9;
    /// Votes given at the height that a chain is at, by chain.
    pub const VOTE: u8 = 10;
    /// Descriptions of chains that blocks opened, by chain.
    pub const BIRTH: u8 = 11;
    /// Chains by their owners.
    pub const OWNER: u8 = 12;
    /// What a client has signed and not finished, by chain.
    pub const PENDING: u8 = 13;
    /// Single values about the whole store.
    pub const META: u8 = 14;
    /// What a client was asked to do, by chain and request.
    pub const REQUEST: u8 = 15;
    /// The same requests by chain and height.
    pub const REQUEST_AGE: u8 = 16;
    /// What certified events say, by chain, application, stream and index.
    pub const EVENT: u8 = 17;
    /// The blocks that published blobs, by blob.
    pub const BLOB_SOURCE: u8 = 18;
    /// Chains that blocks gave to the validators.
    pub const PUBLIC: u8 = 19;
}

/// Where chains stand.
pub const CHAINS: Map<ChainId, ChainRow> = Map::new(&[table::CHAIN]);
/// Blocks voted for.
pub const BODIES: Map<BodyKey, BodyRow> = Map::new(&[table::BODY]);
/// Certified blocks.
pub const COMMITS: Map<u64, CommitRow> = Map::new(&[table::COMMIT]);
/// Commits by chain and height.
pub const HEIGHTS: Map<(ChainId, BlockHeight), u64> = Map::new(&[table::HEIGHT]);
/// Certified blobs.
pub const BLOBS: Map<Canonical<BlobId>, Blob> = Map::new(&[table::BLOB]);
/// What certified events say.
pub const EVENTS: Map<EventKey, EventRow> = Map::new(&[table::EVENT]);
/// For each certified blob a block that published it.
pub const BLOB_SOURCES: Map<Canonical<BlobId>, (ChainId, BlockHeight)> = Map::new(&[table::BLOB_SOURCE]);
/// Votes given.
pub const VOTES: Map<ChainId, VoteRow> = Map::new(&[table::VOTE]);
/// Chains that blocks opened.
pub const BIRTHS: Map<ChainId, ChainDescription> = Map::new(&[table::BIRTH]);
/// Chains by their owners.
pub const OWNERS: Set<(Owner, ChainId)> = Set::new(&[table::OWNER]);
/// Public chains, but for those of genesis.
pub const PUBLIC: Set<ChainId> = Set::new(&[table::PUBLIC]);
/// What a client has signed and not finished.
pub const PENDING: Map<ChainId, PendingRow> = Map::new(&[table::PENDING]);
/// What a client was asked to do.
pub const REQUESTS: Map<(ChainId, RequestId), RequestRow> = Map::new(&[table::REQUEST]);
/// Requests by the heights of their blocks.
pub const REQUEST_AGES: Set<(ChainId, BlockHeight, RequestId)> = Set::new(&[table::REQUEST_AGE]);
/// The place of the next commit.
pub const NEXT_COMMIT: Register<u64> = Register::new(&[table::META, 0]);

/// How far a validator has read the commit index of each peer, by the peer's key.
pub const PEER_CURSORS: Map<[u8; 33], u64> = Map::new(&[table::META, 1]);

/// The tables whose rows are added in the order of their keys.
pub const APPENDED: [u8; 2] = [table::BODY, table::COMMIT];

/// When a block was voted for, and its name: nearly always after all others.
pub type BodyKey = (Timestamp, BlockHash);

/// Where an event stands: its chain, application, stream and index.
pub type EventKey = (ChainId, ApplicationId, Vec<u8>, u32);

/// The key of an event.
pub fn event_key(chain: ChainId, stream: &StreamId, index: u32) -> EventKey {
    (chain, stream.application, stream.name.0.clone(), index)
}

/// The prefix of the rows of one chain in a table.
pub fn of_chain(table: u8, chain: ChainId) -> Key {
    chain.encode_under(&[table])
}

/// Where the state of a chain is.
pub fn entry_space(chain: ChainId) -> EntrySpace {
    EntrySpace { entries: of_chain(table::STATE, chain), tree: of_chain(table::TREE, chain) }
}

/// The inbox of a chain.
pub fn inbox(chain: ChainId) -> Inbox {
    Inbox::new(of_chain(table::WAITING, chain), of_chain(table::ANTICIPATED, chain))
}
