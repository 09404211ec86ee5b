//! Genesis: what a network starts from. Its hash is the network's id.

use crate::{
    Amount, ChainConfig, ChainDescription, ChainId, Committee, Epoch, Hash, NetworkId, Origin, Policy, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The version of the protocol that this code speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// What a network starts from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Genesis {
    /// What people call it.
    pub name: String,
    /// Which rules apply.
    pub protocol: u32,
    /// When it begins.
    pub timestamp: Timestamp,
    /// The committee of epoch 0.
    pub committee: Committee,
    /// The policy of epoch 0.
    pub policy: Policy,
    /// The chains that exist from the start. The first is the admin chain.
    pub chains: Vec<ChainConfig>,
    /// Tells networks apart that agree in all else.
    pub salt: Hash,
}

/// Why a network cannot start from this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGenesis {
    /// Another version of the protocol.
    #[error("the network speaks version {0} of the protocol, this program version {PROTOCOL_VERSION}")]
    Protocol(u32),
    /// No admin chain.
    #[error("a network needs at least one chain: the first is its admin chain")]
    NoChain,
    /// A chain that could never make a block.
    #[error("the ownership of root chain {index} is invalid: {why}")]
    Ownership {
        /// Which chain.
        index: usize,
        /// Why.
        why: crate::InvalidOwnership,
    },
    /// More tokens than can be counted.
    #[error("the balances of the root chains add up to more than can be counted")]
    Supply,
    /// Limits under which a message could be sent but never received.
    #[error(
        "the limits do not fit together: a bundle may take at most a quarter of a block, and nothing may be limited to zero"
    )]
    Limits,
}

impl Genesis {
    /// The network's id.
    pub fn network(&self) -> NetworkId {
        NetworkId(Hash::of_value("Genesis", self))
    }

    /// The description of the root chain at `index`; `None` where there is none.
    pub fn description(&self, index: u32) -> Option<ChainDescription> {
        self.describe(self.network(), index)
    }

    /// The descriptions of all root chains in order.
    pub fn descriptions(&self) -> impl Iterator<Item = ChainDescription> + '_ {
        let network = self.network();
        (0u32..).map_while(move |index| self.describe(network, index))
    }

    fn describe(&self, network: NetworkId, index: u32) -> Option<ChainDescription> {
        let config = self.chains.get(usize::try_from(index).ok()?)?.clone();
        Some(ChainDescription {
            origin: Origin::Root { network, index },
            epoch: Epoch(0),
            timestamp: self.timestamp,
            config,
        })
    }

    /// The chain that announces committees.
    pub fn admin_chain(&self) -> Option<ChainId> {
        self.description(0).map(|description| description.id())
    }

    /// All tokens that there are; conserved for ever.
    pub fn supply(&self) -> Option<Amount> {
        Amount::checked_sum(self.chains.iter().map(|chain| chain.balance))
    }

    /// Checks that a network can start from this.
    pub fn check(&self) -> Result<(), InvalidGenesis> {
        if self.protocol != PROTOCOL_VERSION {
            return Err(InvalidGenesis::Protocol(self.protocol));
        }
        if self.chains.is_empty() {
            return Err(InvalidGenesis::NoChain);
        }
        for (index, chain) in self.chains.iter().enumerate() {
            chain.ownership.check().map_err(|why| InvalidGenesis::Ownership { index, why })?;
        }
        self.supply().ok_or(InvalidGenesis::Supply)?;
        self.policy.limits.are_consistent().then_some(()).ok_or(InvalidGenesis::Limits)
    }
}
