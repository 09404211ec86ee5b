//! One run of a block: transactions one by one over an overlay, then the outcome with its state root.

use crate::{
    engine::Engine,
    problem::{Problem, Stop},
    record::Record,
    system::{Config, System},
};
use myceline_state::{Batch, Overlay, Snapshot};
use myceline_types::{
    BlobId, BlockHeight, ChainDescription, ChainId, Epoch, Outcome, Owner, Policy, ProposedBlock, Timestamp,
    Transaction,
};
use std::collections::BTreeMap;

/// What a run may depend on besides the chain's state.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Prices and limits of the chain's epoch.
    pub policy: &'a Policy,
    /// The sizes in bytes of the blobs at hand that the block may publish.
    pub blob_sizes: &'a BTreeMap<BlobId, u64>,
    /// Runs applications.
    pub engine: &'a dyn Engine,
}

/// The facts of the block that is executed.
#[derive(Clone, Copy, Debug)]
pub struct BlockFacts {
    /// The chain.
    pub chain: ChainId,
    /// Its epoch.
    pub epoch: Epoch,
    /// The block's height.
    pub height: BlockHeight,
    /// The block's time.
    pub timestamp: Timestamp,
    /// Who answers for its operations.
    pub author: Option<Owner>,
}

impl From<&ProposedBlock> for BlockFacts {
    fn from(block: &ProposedBlock) -> BlockFacts {
        let ProposedBlock { chain, epoch, height, timestamp, author, .. } = *block;
        BlockFacts { chain, epoch, height, timestamp, author }
    }
}

/// A block being executed. A transaction that fails leaves no trace, so that an author can try what fits.
pub struct Run<'a, S> {
    pub(crate) environment: Environment<'a>,
    pub(crate) block: BlockFacts,
    pub(crate) config: Config,
    pub(crate) entries: Overlay<S>,
    pub(crate) record: Record,
    pub(crate) transaction: u32,
}

/// What a run did.
pub struct Done {
    /// The outcome, but for the state root, which is the tree's to say.
    pub outcome: Outcome,
    /// The changed entries, by keys relative to the chain's.
    pub changes: Batch,
    /// The chains that were opened.
    pub opened: Vec<ChainDescription>,
    /// The chain's configuration afterwards.
    pub config: Config,
}

impl<'a, S: Snapshot> Run<'a, S> {
    /// Begins a block on these entries of a chain that has this configuration.
    pub fn begin(environment: Environment<'a>, block: BlockFacts, config: Config, entries: Overlay<S>) -> Run<'a, S> {
        Run { environment, block, config, entries, record: Record::default(), transaction: 0 }
    }

    /// Executes the next transaction, or nothing of it.
    pub fn execute(&mut self, transaction: &Transaction) -> Result<(), Stop> {
        let (checkpoint, mark, config) = (self.entries.checkpoint(), self.record.mark(), self.config.clone());
        let result = self.try_execute(transaction);
        if result.is_ok() {
            self.transaction += 1;
        } else {
            self.entries.rollback(checkpoint);
            self.record.rollback(&mark);
            self.config = config;
        }
        result
    }

    fn try_execute(&mut self, transaction: &Transaction) -> Result<(), Stop> {
        let limits = &self.environment.policy.limits;
        if u64::from(self.transaction) >= limits.transactions {
            return Err(Problem::Limit { what: "transactions", limit: limits.transactions }.into());
        }
        let mark = self.record.mark();
        match transaction {
            Transaction::Execute(operation) => self.operate(operation)?,
            Transaction::Receive(incoming) => self.receive(incoming)?,
            Transaction::Skip { origin, up_to } => self.skip(*origin, *up_to)?,
        }
        self.record.check(&mark, limits)?;
        self.charge(transaction, &mark)
    }

    /// How many transactions were executed.
    pub fn executed(&self) -> u32 {
        self.transaction
    }

    /// What the run did.
    pub fn finish(self) -> Done {
        let (outcome, opened) = self.record.finish();
        Done { outcome, changes: self.entries.into_changes(), opened, config: self.config }
    }

    pub(crate) fn save_config(&mut self) {
        System(&mut self.entries).set_config(&self.config);
    }

    /// The state as it is so far.
    pub fn system(&self) -> System<&Overlay<S>> {
        System(&self.entries)
    }
}

/// Why a whole block was not executed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The transaction that stopped it.
    pub transaction: u32,
    /// Why.
    pub stop: Box<Stop>,
}

/// Executes all transactions of a block.
pub fn execute<S: Snapshot>(
    environment: Environment<'_>,
    block: &ProposedBlock,
    config: Config,
    entries: Overlay<S>,
) -> Result<Done, Failure> {
    let mut run = Run::begin(environment, block.into(), config, entries);
    for transaction in &block.transactions {
        run.execute(transaction).map_err(|stop| Failure { transaction: run.transaction, stop: Box::new(stop) })?;
    }
    Ok(run.finish())
}

/// The state of a chain before its first block, by keys relative to the chain's.
pub fn initial_state<S: Snapshot>(description: &ChainDescription, empty: S) -> (Config, Batch) {
    let mut entries = Overlay::new(empty, []);
    let config = System(&mut entries).initialise(description);
    (config, entries.into_changes())
}
