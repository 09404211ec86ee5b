//! A block of the next height that was executed: everything that committing it takes, kept so that one run is enough.

use myceline_consensus::Executed;
use myceline_execution::{Config, Cost, Done};
use myceline_state::{Batch, tree::Update};
use myceline_types::{Blob, Block, BlockHash, ChainDescription, Header, ProposedBlock};
use std::sync::Arc;

/// An executed block with what it changes.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The block with its outcome.
    pub block: Block,
    /// Commits to all of it.
    pub header: Header,
    /// Its name.
    pub hash: BlockHash,
    /// What it costs.
    pub cost: Cost,
    pub(crate) changes: Batch,
    pub(crate) update: Update,
    pub(crate) opened: Vec<ChainDescription>,
    pub(crate) config: Arc<Config>,
    pub(crate) blobs: Vec<Blob>,
    /// Blobs that came of executing it.
    pub(crate) created: Vec<Blob>,
}

impl Candidate {
    /// What the rounds need to know of it.
    pub fn executed(&self) -> Executed {
        Executed { block: self.hash, oracle_free: self.header.is_oracle_free() }
    }

    /// What a run and the tree made of a proposed block.
    pub(crate) fn new(proposed: ProposedBlock, done: Done, update: Update, blobs: Vec<Blob>) -> Candidate {
        let Done { mut outcome, changes, opened, created, config, cost, .. } = done;
        outcome.state = update.tree.root();
        let block = Block { proposed, outcome };
        let header = block.header();
        let hash = header.hash();
        Candidate { block, header, hash, cost, changes, update, opened, config: Arc::new(config), blobs, created }
    }
}
