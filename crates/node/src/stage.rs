//! An author's step: try transactions on the chain's state, keep those that work, and see the block that comes out.

use crate::{candidate::Candidate, cell::Lacking, facts::Facts, work::Work};
use myceline_chain::tip::bundles;
use myceline_execution::{Answered, BlockFacts, Config, Need, Problem, Run, Stop};
use myceline_state::Snapshot;
use myceline_types::{ApplicationId, Blob, BundleAction, Fact, Owner, ProposedBlock, Transaction};
use std::{collections::BTreeSet, sync::Arc};

/// What an author wants in a block.
#[derive(Clone, Default, Debug)]
pub struct Draft {
    /// Who makes it.
    pub author: Option<Owner>,
    /// Bundles that are accepted if they work and rejected otherwise. They come first.
    pub incoming: Vec<Transaction>,
    /// What must work, or there is no block.
    pub wanted: Vec<Transaction>,
    /// The blobs that it publishes.
    pub blobs: Vec<Blob>,
    /// Facts that nobody shows. Incoming transactions that need one of them are left for later.
    pub absent: BTreeSet<Fact>,
    /// Bundles with messages for these applications are left for later instead of being rejected.
    pub unrejected: BTreeSet<ApplicationId>,
}

/// What came of a draft.
#[derive(Clone, Debug)]
pub enum Staged {
    /// This block can be proposed.
    Block(Arc<Candidate>),
    /// Nothing that was wanted is left to do.
    Nothing,
    /// Something that was wanted fails.
    Fails {
        /// Which of the wanted transactions.
        index: usize,
        /// Why.
        problem: Problem,
    },
    /// Something that is used is not known here: get it, or say in the draft that nobody has it.
    Lacks(Fact),
    /// This machine failed.
    Fault(String),
}

/// What came of a query.
#[derive(Clone, Debug)]
pub enum Queried {
    /// The answer.
    Answer(Answered),
    /// Why there is none, in the words of a block that cannot be made.
    Stopped(Staged),
}

impl<S: Snapshot> Work<'_, S> {
    /// Makes a block of a draft on the chain's tip.
    pub fn stage(&mut self, draft: Draft) -> Result<Staged, Lacking> {
        let mut proposed = self.empty_block(&draft);
        let facts = Facts::new(&self.rows, &self.moment, &draft.blobs);
        let environment = self.environment(&facts, self.own_oracle(None));
        let config = Config::clone(&self.standing.config);
        let mut run = Run::begin(environment, BlockFacts::from(&proposed), config, self.entries());
        for transaction in draft.incoming {
            let is_kept = is_for(&transaction, &draft.unrejected);
            match take_in(&mut run, transaction, is_kept)? {
                Taken::In(transaction) => proposed.transactions.push(transaction),
                Taken::Lacks(fact) if !draft.absent.contains(&fact) => return Ok(Staged::Lacks(fact)),
                Taken::Lacks(_) | Taken::NotNow => (),
            }
        }
        for (index, transaction) in draft.wanted.into_iter().enumerate() {
            match run.execute(&transaction) {
                Ok(()) => proposed.transactions.push(transaction),
                Err(stop) => return not_staged(index, stop),
            }
        }
        if let Err(problem) = run.check_complete() {
            return Ok(Staged::Fails { index: 0, problem });
        }
        if proposed.transactions.is_empty() {
            return Ok(Staged::Nothing);
        }
        let done = run.finish();
        let update = self.standing.tree.update(&self.rows, &done.changes)?;
        let candidate = Arc::new(Candidate::new(proposed, done, update, draft.blobs));
        self.remember(candidate.clone());
        Ok(Staged::Block(candidate))
    }

    /// Asks the service of an application about the state after the last block, as if a block were made now.
    pub fn query(&mut self, application: ApplicationId, query: &[u8]) -> Result<Queried, Lacking> {
        let facts = Facts::new(&self.rows, &self.moment, &[]);
        let block = BlockFacts::from(&self.empty_block(&Draft::default()));
        let environment = self.environment(&facts, self.own_oracle(None));
        let mut run = Run::begin(environment, block, Config::clone(&self.standing.config), self.entries());
        match run.query(application, query.to_vec()) {
            Ok(answered) => Ok(Queried::Answer(answered)),
            Err(stop) => Ok(Queried::Stopped(not_staged(0, stop)?)),
        }
    }

    /// A block on the tip without transactions, at a time that suits the tip and the bundles.
    fn empty_block(&self, draft: &Draft) -> ProposedBlock {
        let tip = &self.standing.row.tip;
        let mut block = ProposedBlock {
            chain: self.chain,
            epoch: self.standing.config.epoch,
            height: tip.next,
            timestamp: self.moment.now.max(tip.timestamp),
            previous: tip.block,
            author: draft.author,
            transactions: draft.incoming.clone(),
        };
        block.timestamp = bundles(&block).map(|incoming| incoming.bundle.timestamp).fold(block.timestamp, Ord::max);
        block.transactions.clear();
        block
    }
}

/// Why something that was wanted cannot be in the block.
fn not_staged(index: usize, stop: Stop) -> Result<Staged, Lacking> {
    match stop {
        Stop::Needs(Need::Rows(absent)) => Err(absent.into()),
        Stop::Needs(Need::Web(request)) => Err(Lacking::Answer(request)),
        Stop::TooLong => Err(Lacking::Time),
        Stop::Needs(Need::Fact(fact)) => Ok(Staged::Lacks(fact)),
        Stop::Invalid(problem) => Ok(Staged::Fails { index, problem }),
        Stop::Unanswered { url, why } => Ok(Staged::Fault(format!("{url} gave no answer: {why}"))),
        Stop::Differs(difference) => Ok(Staged::Fault(difference.to_string())),
        Stop::Fault(fault) => Ok(Staged::Fault(fault.to_string())),
    }
}

/// What became of an incoming transaction.
enum Taken {
    /// It is in the block, as this.
    In(Transaction),
    /// It needs this.
    Lacks(Fact),
    /// It is left for later.
    NotNow,
}

/// Accepts a bundle if that works, rejects it if that works instead, and else leaves it for later. What is too much for the
/// rest of this block may not be too much for the next one.
fn take_in<S: Snapshot>(run: &mut Run<'_, S>, transaction: Transaction, is_kept: bool) -> Result<Taken, Lacking> {
    match run.execute(&transaction) {
        Ok(()) => return Ok(Taken::In(transaction)),
        Err(Stop::Invalid(Problem::Limit { .. })) if run.executed() > 0 => return Ok(Taken::NotNow),
        Err(Stop::Invalid(_)) => (),
        Err(stop) => return not_now(stop),
    }
    let Some(transaction) = rejection(transaction).filter(|_| !is_kept) else { return Ok(Taken::NotNow) };
    match run.execute(&transaction) {
        Ok(()) => Ok(Taken::In(transaction)),
        Err(stop) => not_now(stop),
    }
}

/// Only a rule that says no is a reason to reject: what this node lacks may be here later.
fn not_now(stop: Stop) -> Result<Taken, Lacking> {
    match not_staged(0, stop)? {
        Staged::Lacks(fact) => Ok(Taken::Lacks(fact)),
        _ => Ok(Taken::NotNow),
    }
}

fn rejection(transaction: Transaction) -> Option<Transaction> {
    match transaction {
        Transaction::Receive(mut incoming) if incoming.action == BundleAction::Accept => {
            incoming.action = BundleAction::Reject;
            Some(Transaction::Receive(incoming))
        }
        _ => None,
    }
}

/// Whether a bundle brings one of these applications something.
fn is_for(transaction: &Transaction, applications: &BTreeSet<ApplicationId>) -> bool {
    let Transaction::Receive(incoming) = transaction else { return false };
    !applications.is_empty() && incoming.bundle.applications().any(|id| applications.contains(&id))
}
