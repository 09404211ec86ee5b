//! What is fixed for a whole network: its id, its committees and policies, and the chains that genesis lists.

use myceline_types::{
    ChainDescription, ChainId, Committee, Epoch, Genesis, InvalidCommittee, InvalidGenesis, NetworkId, Policy, crypto,
};
use std::collections::BTreeMap;

/// A genesis that was checked, with what follows from it.
#[derive(Debug)]
pub struct Network {
    id: NetworkId,
    genesis: Genesis,
    roots: BTreeMap<ChainId, ChainDescription>,
}

/// Why there is no network like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// Nothing can start from this genesis.
    #[error(transparent)]
    Genesis(#[from] InvalidGenesis),
    /// A validator's account is not that of its key.
    #[error(transparent)]
    Committee(#[from] InvalidCommittee),
}

impl Network {
    /// The network that starts from this genesis.
    pub fn new(genesis: Genesis) -> Result<Network, InvalidNetwork> {
        genesis.check()?;
        crypto::check_accounts(&genesis.committee)?;
        let roots = genesis.descriptions().map(|description| (description.id(), description)).collect();
        Ok(Network { id: genesis.network(), genesis, roots })
    }

    /// Part of everything signed.
    pub fn id(&self) -> NetworkId {
        self.id
    }

    /// What it starts from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The committee of an epoch, where it is known.
    pub fn committee(&self, epoch: Epoch) -> Option<&Committee> {
        (epoch == Epoch::ZERO).then_some(&self.genesis.committee)
    }

    /// The policy of an epoch, where it is known.
    pub fn policy(&self, epoch: Epoch) -> Option<&Policy> {
        (epoch == Epoch::ZERO).then_some(&self.genesis.policy)
    }

    /// The description of a chain that genesis lists.
    pub fn root(&self, chain: ChainId) -> Option<&ChainDescription> {
        self.roots.get(&chain)
    }

    /// The chains that genesis lists.
    pub fn roots(&self) -> impl Iterator<Item = (&ChainId, &ChainDescription)> {
        self.roots.iter()
    }
}
