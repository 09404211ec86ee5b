//! Why execution stops: something is not here, or a transaction cannot be.

use myceline_state::Absent;
use myceline_types::{Amount, ApplicationId, BlobId, BlockProblem, ChainId, Cursor, Holder, InvalidOwnership, Owner};

/// What must be fetched before the block can be executed. Fetch it and run again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Need {
    /// Rows of the store.
    Rows(Absent),
    /// A blob that the block publishes.
    Blob(BlobId),
}

/// Why a transaction cannot be executed on this state.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// Not enough in an account.
    #[error("{holder} has {balance}, which is less than {needed}")]
    Balance {
        /// Whose account.
        holder: Holder,
        /// What is in it.
        balance: Amount,
        /// What is asked of it.
        needed: Amount,
    },
    /// Not enough allowed.
    #[error("{owner} lets {spender} spend {allowed}, which is less than {needed}")]
    Allowance {
        /// Whose account.
        owner: Owner,
        /// Who would spend.
        spender: Owner,
        /// What they may.
        allowed: Amount,
        /// What they want.
        needed: Amount,
    },
    /// More than can be counted would be in an account.
    #[error("{holder} would have more than can be counted")]
    Overflow {
        /// Whose account.
        holder: Holder,
    },
    /// Nobody signs for this.
    #[error("this needs the authority of an owner, and the block has no author")]
    NoAuthor,
    /// Not the author's to do.
    #[error("{author} may not act for {holder}")]
    NotAuthorised {
        /// Who tries.
        author: Owner,
        /// For whom.
        holder: Holder,
    },
    /// Moving nothing does nothing.
    #[error("the amount must be above zero")]
    ZeroAmount,
    /// The chain only rejects bundles.
    #[error("the chain is closed: it only rejects bundles")]
    Closed,
    /// The chain's permissions do not allow system operations.
    #[error("the chain's permissions allow operations of its applications only")]
    SystemOperation,
    /// The chain's permissions do not allow this application.
    #[error("the chain's permissions do not allow application {0}")]
    ApplicationForbidden(ApplicationId),
    /// An ownership that could stop a chain.
    #[error(transparent)]
    Ownership(#[from] InvalidOwnership),
    /// Not the next bundle of its origin.
    #[error("bundle {found} from {origin} follows {follows:?}, but the last one consumed is {last:?}")]
    BundleOrder {
        /// From whom.
        origin: ChainId,
        /// The bundle.
        found: Cursor,
        /// The one that it follows.
        follows: Option<Cursor>,
        /// The one consumed last.
        last: Option<Cursor>,
    },
    /// Discarding what was consumed already.
    #[error("bundles from {origin} are consumed up to {last} already")]
    SkipBackwards {
        /// From whom.
        origin: ChainId,
        /// The one consumed last.
        last: Cursor,
    },
    /// A withdrawal that its owner did not ask for.
    #[error("the withdrawal does not come from the owner of the account")]
    NotTheirs,
    /// More of something than the policy allows.
    #[error("more {what} than the limit of {limit}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// At most so many.
        limit: u64,
    },
    /// An application cannot run here.
    #[error("application {id}: {why}")]
    Application {
        /// Which one.
        id: ApplicationId,
        /// Why.
        why: String,
    },
    /// Changing the committee is not part of this version of the protocol.
    #[error("this version of the protocol has one epoch: committees cannot change yet")]
    Epochs,
}

/// Why execution stops before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Something is not here.
    Needs(Need),
    /// A transaction cannot be executed.
    Invalid(Problem),
}

impl From<Absent> for Stop {
    fn from(absent: Absent) -> Stop {
        Stop::Needs(Need::Rows(absent))
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Stop {
        Stop::Invalid(problem)
    }
}

impl Problem {
    /// As a proposer learns of it: the transaction at `index` fails.
    pub fn at(&self, index: u32) -> BlockProblem {
        match self {
            Problem::Limit { what, limit } => BlockProblem::Limit { what: (*what).into(), limit: *limit },
            Problem::BundleOrder { origin, found, .. } => BlockProblem::BundleOrder { origin: *origin, cursor: *found },
            other => BlockProblem::Transaction { index, why: other.to_string() },
        }
    }
}
