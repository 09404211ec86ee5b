//! Descriptions of chains: what a chain starts with. The hash of a description is the chain's id.

use crate::{Amount, ApplicationId, BlockHeight, ChainId, Epoch, Hash, NetworkId, Ownership, Timestamp};
use serde::{Deserialize, Serialize};

/// What a chain starts with. A description proves nothing by itself: a chain exists only if genesis lists it or a
/// certified block of its parent opened it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChainDescription {
    /// Where it comes from: makes its id unique without a registry.
    pub origin: Origin,
    /// The epoch in which it starts.
    pub epoch: Epoch,
    /// When it was opened.
    pub timestamp: Timestamp,
    /// Who proposes blocks, which applications may act, and what it has.
    pub config: ChainConfig,
}

/// Where a chain comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Origin {
    /// Genesis lists it.
    Root {
        /// Of which network.
        network: NetworkId,
        /// Its place in the list.
        index: u32,
    },
    /// A block of another chain opened it.
    Child {
        /// The chain that opened it.
        parent: ChainId,
        /// The block that did.
        height: BlockHeight,
        /// How many chains that block opened before it.
        index: u32,
    },
}

/// What whoever opens a chain chooses for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChainConfig {
    /// Who proposes blocks.
    pub ownership: Ownership,
    /// Which applications may act.
    pub permissions: Permissions,
    /// The chain's own balance at first.
    pub balance: Amount,
}

/// What applications and the system may do on a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// Where given, only these applications' operations are allowed and no system operation is.
    pub operations: Option<Vec<ApplicationId>>,
    /// Every block must hold an operation or an accepted message of each of these.
    pub mandatory: Vec<ApplicationId>,
    /// These may close the chain and change its ownership and permissions.
    pub manage_chain: Vec<ApplicationId>,
    /// Where given, only these may ask oracles: the web, services and clocks.
    pub oracles: Option<Vec<ApplicationId>>,
}

impl ChainDescription {
    /// The id of the chain.
    pub fn id(&self) -> ChainId {
        ChainId(Hash::of_value("ChainDescription", self))
    }
}
