//! Who was given which chain.

use myceline_types::{Block, ChainId, Operation, Owner, Transaction};
use std::collections::BTreeMap;

/// Who was given which chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    chains: BTreeMap<Owner, ChainId>,
}

impl Book {
    /// The chain that an owner was given.
    pub fn chain_of(&self, owner: &Owner) -> Option<ChainId> {
        self.chains.get(owner).copied()
    }

    /// Owners that were given one.
    pub fn len(&self) -> usize {
        self.chains.len()
    }

    /// Whether nobody was given one.
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// Notes what was given. The first chain of an owner stays theirs.
    pub fn note(&mut self, owner: Owner, chain: ChainId) {
        self.chains.entry(owner).or_insert(chain);
    }

    /// Reads what a final block gave. A chain of more than one owner was no gift.
    pub fn read(&mut self, block: &Block) {
        let configs = block.proposed.transactions.iter().filter_map(|transaction| match transaction {
            Transaction::Execute(Operation::OpenChain(config)) => Some(config),
            _ => None,
        });
        for (config, chain) in configs.zip(block.opened()) {
            let mut owners = config.ownership.all_owners().into_iter();
            if let (Some(owner), None) = (owners.next(), owners.next()) {
                self.note(owner, chain);
            }
        }
    }
}
