//! One run of a block: transactions one by one over an overlay, then the outcome with its state root.

use crate::{
    fees::{Bill, Cost},
    meter::Meter,
    problem::{Problem, Stop},
    record::Record,
    session::{Call, Half, Returns, Session},
    system::{Config, System},
    world::Environment,
};
use myceline_state::{Batch, Overlay, Snapshot};
use myceline_types::{
    ApplicationId, Blob, BlockHeight, ChainDescription, ChainId, Epoch, Outcome, Owner, ProposedBlock, Timestamp,
    Transaction,
    guest::{CallFacts, Entry, LogLine},
};
use std::{collections::BTreeSet, sync::Arc};

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
    pub(crate) config: Arc<Config>,
    pub(crate) entries: Overlay<S>,
    pub(crate) record: Record,
    pub(crate) transaction: u32,
    pub(crate) meter: Meter,
    pub(crate) bill: Bill,
    /// The applications that were called so far.
    called: BTreeSet<ApplicationId>,
}

/// What a service answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Vec<u8>,
    /// Operations of the application that are to be put into a block.
    pub scheduled: Vec<Vec<u8>>,
}

/// What a run did.
pub struct Done {
    /// The outcome, but for the state root, which is the tree's to say.
    pub outcome: Outcome,
    /// The changed entries, by keys relative to the chain's.
    pub changes: Batch,
    /// The chains that were opened.
    pub opened: Vec<ChainDescription>,
    /// The blobs that came of it, besides those that came with it.
    pub created: Vec<Blob>,
    /// The chain's configuration afterwards.
    pub config: Config,
    /// What applications said to whoever runs this node.
    pub log: Vec<(ApplicationId, LogLine)>,
    /// What it costs.
    pub cost: Cost,
}

impl<'a, S: Snapshot> Run<'a, S> {
    /// Begins a block on these entries of a chain that has this configuration.
    pub fn begin(environment: Environment<'a>, block: BlockFacts, config: Config, entries: Overlay<S>) -> Run<'a, S> {
        Run {
            environment,
            block,
            config: Arc::new(config),
            entries,
            record: Record::default(),
            transaction: 0,
            meter: Meter::default(),
            bill: Bill::default(),
            called: BTreeSet::new(),
        }
    }

    /// Executes the next transaction, or nothing of it.
    pub fn execute(&mut self, transaction: &Transaction) -> Result<(), Stop> {
        let (checkpoint, mark, config) = (self.entries.checkpoint(), self.record.mark(), self.config.clone());
        let (meter, bill) = (self.meter, self.bill);
        let result = self.try_execute(transaction);
        if result.is_ok() {
            self.transaction += 1;
        } else {
            self.entries.rollback(checkpoint);
            self.record.rollback(&mark);
            self.config = config;
            self.meter = meter;
            self.bill = bill;
        }
        result
    }

    fn try_execute(&mut self, transaction: &Transaction) -> Result<(), Stop> {
        let limits = &self.environment.policy.limits;
        if u64::from(self.transaction) >= limits.transactions {
            return Err(Problem::Limit { what: "transactions", limit: limits.transactions }.into());
        }
        let (mark, meter) = (self.record.mark(), self.meter);
        let mut session = Session::default();
        match transaction {
            Transaction::Execute(operation) => self.operate(&mut session, operation)?,
            Transaction::Receive(incoming) => self.receive(&mut session, incoming)?,
            Transaction::Skip { origin, up_to } => self.skip(*origin, *up_to)?,
        }
        self.store(&mut session)?;
        self.record.check(&mark, limits)?;
        self.meter.check(limits)?;
        self.charge(transaction, &mark, self.meter.since(&meter), session.grants)?;
        self.called.extend(session.contracts());
        Ok(())
    }

    /// Whether the block may end here: something of every mandatory application is in it.
    pub fn check_complete(&self) -> Result<(), Problem> {
        let mandatory = &self.config.permissions.mandatory;
        match mandatory.iter().find(|id| !self.called.contains(id)).filter(|_| !self.config.closed) {
            Some(lacking) => Err(Problem::Mandatory(*lacking)),
            None => Ok(()),
        }
    }

    /// Asks the service of an application, as of the end of what was executed. Nothing is changed.
    pub fn query(&mut self, application: ApplicationId, query: Vec<u8>) -> Result<Answered, Stop> {
        let mut session = Session::default();
        let call = Call {
            application,
            half: Half::Service,
            entry: Entry::Query,
            argument: query,
            facts: CallFacts { signer: None, caller: None, message: None },
            returns: Returns::Bytes,
        };
        let answer = self.call(&mut session, call)?;
        Ok(Answered { answer, scheduled: session.scheduled })
    }

    /// How many transactions were executed.
    pub fn executed(&self) -> u32 {
        self.transaction
    }

    /// What the run did.
    pub fn finish(mut self) -> Done {
        let log = self.record.take_log();
        let cost = Cost { used: self.meter, bill: self.bill };
        let (outcome, opened, created) = self.record.finish();
        Done {
            outcome,
            changes: self.entries.into_changes(),
            opened,
            created,
            config: Arc::unwrap_or_clone(self.config),
            log,
            cost,
        }
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
    let incomplete = |problem| Failure { transaction: run.transaction, stop: Box::new(Stop::Invalid(problem)) };
    run.check_complete().map_err(incomplete)?;
    Ok(run.finish())
}

/// The state of a chain before its first block, by keys relative to the chain's.
pub fn initial_state<S: Snapshot>(description: &ChainDescription, empty: S) -> (Config, Batch) {
    let mut entries = Overlay::new(empty, []);
    let config = System(&mut entries).initialise(description);
    (config, entries.into_changes())
}
