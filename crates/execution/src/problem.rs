//! Why execution stops: something is not here, or a transaction cannot be.

use crate::engine::{EngineFault, InvalidModule};
use myceline_state::Absent;
use myceline_types::{
    Amount, ApplicationId, BlockProblem, ChainId, Cursor, Difference, Fact, Holder, InvalidOwnership, Owner, Timestamp,
    guest::HttpRequest,
};

/// What must be fetched before the block can be executed. Fetch it and run again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Need {
    /// Rows of the store.
    #[error("rows that are not at hand")]
    Rows(Absent),
    /// What a certified block made known, or, if it is a blob that this block publishes, its content.
    #[error("{0}, which is neither given nor known here")]
    Fact(Fact),
    /// An answer of the web.
    #[error("an answer of {}", .0.url)]
    Web(Box<HttpRequest>),
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
    /// An application gave up, or broke.
    #[error("application {id}: {why}")]
    Application {
        /// Which one.
        id: ApplicationId,
        /// Why.
        why: String,
    },
    /// The description of an application is none.
    #[error("{0} is not the description of an application")]
    UnknownApplication(ApplicationId),
    /// Code that cannot be published.
    #[error("the module cannot be published: {0}")]
    Module(#[from] InvalidModule),
    /// A call of somebody who is being called.
    #[error("application {0} is being called already, and cannot be called from within that call")]
    Reentrant(ApplicationId),
    /// The end of the transaction is for storing.
    #[error("a contract cannot call another one while it stores")]
    CallWhileStoring,
    /// Services change nothing, contracts schedule nothing.
    #[error("{question} is not for this half of an application: services only read, contracts do not schedule")]
    WrongHalf {
        /// What was asked.
        question: &'static str,
    },
    /// No question has this code.
    #[error(
        "the application asks question {code}, which does not exist: it was built for another version of the protocol"
    )]
    UnknownQuestion {
        /// The code.
        code: u32,
    },
    /// A question that cannot be read.
    #[error("question {code} of the application cannot be read: {why}")]
    MalformedQuestion {
        /// The code.
        code: u32,
        /// What is wrong.
        why: String,
    },
    /// Not a manager of the chain.
    #[error("application {0} may not manage this chain: the chain's permissions have to name it")]
    NotManager(ApplicationId),
    /// Not allowed to ask oracles.
    #[error("application {0} may not ask oracles here: the chain's permissions have to name it")]
    OraclesForbidden(ApplicationId),
    /// A server that the policy does not name.
    #[error("the network's policy does not let contracts ask {0}: it names the servers that they may ask")]
    ServerForbidden(String),
    /// A deadline that is over.
    #[error("it had to happen before {0}, and it is later")]
    TooLate(Timestamp),
    /// The block does not hold the answer that its execution asks for.
    #[error("the block does not hold the oracle's answer that it needs here")]
    OtherOracle,
    /// As many events as a stream can have.
    #[error("the stream has as many events as a stream can have")]
    StreamFull,
    /// Looking at a stream that is not followed, or at other events than the next ones.
    #[error("application {0} does not follow that stream, or has seen these events")]
    NotNext(ApplicationId),
    /// A block without something of an application that must be in each.
    #[error("the chain's permissions want something of application {0} in every block")]
    Mandatory(ApplicationId),
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
    /// It takes longer than whoever runs it wants to wait: run it where it keeps nobody waiting.
    TooLong,
    /// An oracle answers otherwise here than the block says. Others may see it as the block does.
    Differs(Box<Difference>),
    /// The web gave no answer here, which says nothing about the block.
    Unanswered {
        /// What was asked.
        url: String,
        /// What happened.
        why: String,
    },
    /// This machine failed, which says nothing about the block.
    Fault(EngineFault),
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
