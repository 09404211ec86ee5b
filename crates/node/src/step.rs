//! What one step of one chain gives: rows to write, and what to say once they are durable.

use myceline_state::Batch;
use myceline_types::{
    Body, Certificate, ChainId, Refusal, Timestamp, Vote,
    api::{Info, Reason, Response},
};

use crate::rows::CommitRow;

/// The result of a step. Nothing of it may be shown to anybody before its group is durable.
#[derive(Debug, Default)]
pub struct Step {
    /// The rows to write, but for those that the group adds: votes and commits.
    pub rows: Batch,
    /// The blocks that were committed.
    pub commits: Vec<CommitRow>,
    /// What to answer.
    pub answer: Option<Answer>,
    /// What to tell subscribers.
    pub notices: Vec<Reason>,
    /// Chains that the validators lead from now on (R31).
    pub public: Vec<ChainId>,
    /// When the same request is worth another try instead of the answer.
    pub retry: Option<Retry>,
}

/// When a refused request is worth another try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// At this time.
    At(Timestamp),
    /// When a bundle arrives for the chain.
    OnArrival,
}

/// An answer that may still lack a signature: only the group has the key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Complete.
    Ready(Response),
    /// A vote, new or given before.
    Vote(Vote),
    /// A vote to leave a round, with what it reports.
    Timeout(TimeoutParts),
    /// Refused, since this vote was given.
    Voted(Vote, Option<Box<Body>>),
    /// Refused, since the round was left with this vote.
    Closed(TimeoutParts),
    /// Where a chain stands.
    Info(Info),
}

/// A vote to leave a round, with what it reports (R27).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimeoutParts {
    /// The vote.
    pub vote: Vote,
    /// The certificate that it reports.
    pub certificate: Option<Certificate>,
    /// The block that it reports.
    pub body: Option<Box<Body>>,
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        Answer::Ready(Response::Refused(Box::new(refusal)))
    }
}

impl Answer {
    /// Why not, where the answer is no and complete.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Answer::Ready(Response::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Answer {
        Answer::Ready(response)
    }
}
