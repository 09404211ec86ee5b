//! Why something could not be done, for each operation, and what the caller can do about it.

use crate::{local::LocalError, signer::SignError};
use myceline_node::Problem;
use myceline_types::{ChainId, Fact, Owner, Refusal};

/// Why a client cannot be opened.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// A peer is needed for each member of the committee, in its order.
    #[error("the committee has {members} members, but {peers} are given")]
    Peers {
        /// Members of the committee.
        members: usize,
        /// Peers given.
        peers: usize,
    },
}

/// Why a block was not made. Nothing was done unless it says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubmitError {
    /// No key at hand may propose on this chain: use the wallet that has one.
    #[error("none of the keys at hand may propose on chain {0}")]
    NotOwner(ChainId),
    /// One of the transactions fails: change it.
    #[error("transaction {index} fails: {problem}")]
    Fails {
        /// Which one.
        index: usize,
        /// Why.
        problem: Problem,
    },
    /// There is nothing to do: a block does something.
    #[error("there is nothing to do")]
    Nothing,
    /// No validator that answers knows something that the block uses: check its id, or submit the request again later.
    #[error("no validator that answers knows {0}, which it needs")]
    Lacks(Fact),
    /// This machine cannot run what should be able to run: look at its log.
    #[error("this node failed to run it: {0}")]
    Fault(String),
    /// Too few validators answer. The block may become final: submit the same request again.
    #[error("validators of weight {answered} answer, and {needed} is needed: submit the same request again later")]
    NoQuorum {
        /// Weight that answers.
        answered: u64,
        /// Weight that is needed.
        needed: u64,
    },
    /// Honest validators refuse the block. Look at the reason, and use another request id for another try.
    #[error("the validators refuse the block: {0}")]
    Rejected(Box<Refusal>),
    /// This request's block was refused before, and its height is not decided yet: use another request id.
    #[error("the block of this request was refused: use another request id")]
    RejectedBefore,
    /// It was not settled in time. The block may become final: submit the same request again.
    #[error("it was not settled in time: submit the same request again")]
    OutOfTime,
    /// Other devices of the owner were faster every time. Nothing was done: submit the same request again.
    #[error("other blocks were made on this chain every time: submit the same request again")]
    Contention,
    /// Nobody signed. Nothing was done: submit the same request again when the key is at hand.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The chain could not be brought up to date: see why.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// This machine could not do its part: see why, and submit the same request again.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The client ended before the block was final. Submit the same request again.
    #[error("the client ended before the block was final: submit the same request again")]
    Ended,
}

/// Why a chain could not be brought up to date.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SyncError {
    /// No validator that answers knows the chain: check the id, or ask again later.
    #[error("no validator that answers can prove that chain {0} exists")]
    NoSuchChain(ChainId),
    /// No validator answers: check the connection.
    #[error("no validator answers")]
    Unreachable,
    /// This machine could not do its part.
    #[error(transparent)]
    Local(#[from] LocalError),
}

/// Why an owner's chains are not known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DiscoverError {
    /// No validator answers: check the connection.
    #[error("no validator answers for the chains of {0}")]
    Unreachable(Owner),
}

/// Why a service gave no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QueryError {
    /// It says no, or breaks: ask otherwise.
    #[error(transparent)]
    Fails(Problem),
    /// No validator that answers knows something that it needs: check its id, or ask again later.
    #[error("no validator that answers knows {0}, which it needs")]
    Lacks(Fact),
    /// This machine cannot run what should be able to run, or a server that is asked gives no answer.
    #[error("this node failed to run it: {0}")]
    Fault(String),
    /// This machine could not do its part.
    #[error(transparent)]
    Local(#[from] LocalError),
}
