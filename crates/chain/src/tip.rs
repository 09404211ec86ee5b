//! The end of a chain, and whether a proposed block follows it. Nothing here executes or votes.

use myceline_types::{
    BlockHash, BlockHeight, BlockProblem, BundleAction, Epoch, IncomingBundle, Limits, ProposedBlock, Refusal,
    TimeDelta, Timestamp, Transaction, encoding,
};
use serde::{Deserialize, Serialize};

/// Where a chain ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tip {
    /// The height that is being decided.
    pub next: BlockHeight,
    /// The last block.
    pub block: Option<BlockHash>,
    /// Its time.
    pub timestamp: Timestamp,
}

/// How far a block's time may be ahead of a validator's clock. Up to this the proposal waits instead of being refused.
pub const CLOCK_TOLERANCE: TimeDelta = TimeDelta::from_millis(5_000);

/// What a block must fit besides the tip.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    /// The chain's epoch.
    pub epoch: Epoch,
    /// Whether the chain only rejects bundles.
    pub closed: bool,
    /// The policy's limits.
    pub limits: &'a Limits,
    /// The voter's clock.
    pub now: Timestamp,
}

/// Whether a block may be voted on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fitness {
    /// Now.
    Fits,
    /// When the voter's clock says so.
    At(Timestamp),
}

impl Tip {
    /// The tip after a block.
    pub fn after(&self, block: BlockHash, timestamp: Timestamp) -> Option<Tip> {
        Some(Tip { next: self.next.next()?, block: Some(block), timestamp })
    }

    /// Whether a proposed block follows this tip and keeps the limits that can be told without executing it.
    pub fn check(&self, proposed: &ProposedBlock, fit: Fit<'_>) -> Result<Fitness, Refusal> {
        self.check_follows(proposed, fit.epoch)?;
        check_content(proposed, fit)?;
        self.check_time(proposed, fit.now)
    }

    fn check_follows(&self, proposed: &ProposedBlock, epoch: Epoch) -> Result<(), Refusal> {
        if proposed.height > self.next {
            return Err(Refusal::Lagging { next: self.next });
        }
        if proposed.height != self.next || proposed.previous != self.block {
            return Err(Refusal::Block(BlockProblem::Previous));
        }
        if proposed.epoch != epoch {
            return Err(Refusal::Epoch { chain: epoch, asked: proposed.epoch });
        }
        Ok(())
    }

    fn check_time(&self, proposed: &ProposedBlock, now: Timestamp) -> Result<Fitness, Refusal> {
        let latest = bundles(proposed).map(|incoming| incoming.bundle.timestamp).fold(self.timestamp, Timestamp::max);
        if proposed.timestamp < latest {
            return Err(Refusal::Block(BlockProblem::TimestampTooOld));
        }
        if proposed.timestamp > now.after(CLOCK_TOLERANCE) {
            return Err(Refusal::Block(BlockProblem::TimestampTooNew));
        }
        Ok(if proposed.timestamp > now { Fitness::At(proposed.timestamp) } else { Fitness::Fits })
    }
}

/// The bundles that a block consumes.
pub fn bundles(proposed: &ProposedBlock) -> impl Iterator<Item = &IncomingBundle> {
    proposed.transactions.iter().filter_map(|transaction| match transaction {
        Transaction::Receive(incoming) => Some(incoming),
        Transaction::Execute(_) | Transaction::Skip { .. } => None,
    })
}

fn check_content(proposed: &ProposedBlock, fit: Fit<'_>) -> Result<(), Refusal> {
    if proposed.transactions.is_empty() {
        return Err(Refusal::Block(BlockProblem::Empty));
    }
    at_most("transactions", proposed.transactions.len(), fit.limits.transactions)?;
    at_most("bytes", encoding::size_of(proposed), fit.limits.block_bytes)?;
    if fit.closed && !proposed.transactions.iter().all(is_rejection) {
        return Err(Refusal::Block(BlockProblem::Closed));
    }
    Ok(())
}

fn at_most(what: &str, count: usize, limit: u64) -> Result<(), Refusal> {
    if count as u64 <= limit {
        return Ok(());
    }
    Err(Refusal::Block(BlockProblem::Limit { what: what.into(), limit }))
}

fn is_rejection(transaction: &Transaction) -> bool {
    match transaction {
        Transaction::Receive(incoming) => incoming.action == BundleAction::Reject,
        Transaction::Skip { .. } => true,
        Transaction::Execute(_) => false,
    }
}
