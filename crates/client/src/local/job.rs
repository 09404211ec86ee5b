//! What a local node is asked to do with a chain.

use myceline_node::{Answers, Lacking, Step, Trial, Work};
use myceline_state::Batch;
use myceline_storage::{CommitError, Store};
use myceline_types::{
    ChainId, Refusal, TimeoutCertificate, Timestamp,
    api::{CertificateRequest, LeaveRoundRequest, ProposeRequest, Response},
    guest::HttpAnswer,
    guest::HttpRequest,
};

/// Something to do with one chain, on the worker that has it.
pub enum Job<S: Store> {
    /// One step, answered once it is durable.
    Step {
        /// Which chain.
        chain: ChainId,
        /// What to do.
        request: ChainRequest<S>,
        /// Whom to tell.
        done: Done,
    },
    /// Write rows that belong to no chain.
    Rows {
        /// What to write.
        rows: Batch,
        /// Whom to tell.
        done: Done,
    },
    /// Bundles for these chains are durable: whoever waits for them tries again.
    Arrived(Vec<ChainId>),
    /// The web has answered a question of this step, or has not.
    Answered {
        /// What asked.
        attempt: Box<Attempt<S>>,
        /// The question's name.
        key: Vec<u8>,
        /// The answer, or why there is none.
        answer: Result<HttpAnswer, String>,
    },
    /// A step was tried out.
    TriedOut(Box<TriedOut<S>>),
    /// Finish what was asked before this, then end.
    Stop,
}

/// A step of a chain.
pub enum ChainRequest<S: Store> {
    /// Vote for a block.
    Propose(Box<ProposeRequest>),
    /// Take a certificate.
    Certificate(Box<CertificateRequest>),
    /// Learn that a round was left.
    TimeoutCertificate(Box<TimeoutCertificate>),
    /// Agree to leave a round.
    LeaveRound(Box<LeaveRoundRequest>),
    /// Say where the chain stands.
    Info(u64),
    /// Whatever an owner's side does.
    Act(Act<S>),
    /// The same, where nothing is changed: what it finds out elsewhere is as good.
    Look(Act<S>),
}

/// A step in code. It may be run again if rows were lacking, and must then do the same.
pub type Act<S> = Box<dyn FnMut(&mut Work<'_, <S as Store>::View>) -> Result<(), Lacking> + Send>;

/// Is told how a job ended.
pub type Done = Box<dyn FnOnce(Ended) + Send>;

/// How a job ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// What it did is durable, and this is the answer, if it has one.
    Durable(Option<Response>),
    /// The chain does not exist here.
    UnknownChain,
    /// The store cannot be read.
    Unreadable(String),
}

/// A step that was taken, on its way to the committer.
pub(super) struct Stepped {
    pub(super) step: Step,
    pub(super) done: Done,
}

/// Steps that one worker took together.
pub(super) struct Group {
    pub(super) steps: Vec<Stepped>,
    /// Which worker.
    pub(super) worker: usize,
    /// How many groups it has handed over, this one included.
    pub(super) count: u64,
}

/// What a worker hands to the committer.
pub(super) enum Handed {
    /// Steps to make durable.
    Group(Group),
    /// It has panicked.
    Panicked,
}

impl Handed {
    /// The steps. A panic leaves unknown what the worker's chains are, so nothing more of them may become durable.
    pub(super) fn into_group(self) -> Result<Group, CommitError> {
        match self {
            Handed::Group(group) => Ok(group),
            Handed::Panicked => Err(CommitError::new("a worker panicked: its last words are in the log")),
        }
    }
}

/// A step on its way: asked for, and perhaps put aside until something is there.
pub struct Attempt<S: Store> {
    pub(super) chain: ChainId,
    pub(super) request: ChainRequest<S>,
    pub(super) done: Done,
    /// What the web answered to its questions.
    pub(super) answers: Answers,
    /// What came of trying it out, if it was.
    pub(super) tried: Option<Tried>,
}

/// What came of trying a step out, where the chain has not moved on since.
pub(super) struct Tried {
    /// Why it would be refused, if it would.
    pub(super) refused: Option<Refusal>,
}

/// A step that was tried out elsewhere.
pub struct TriedOut<S: Store> {
    pub(super) attempt: Attempt<S>,
    pub(super) outcome: Result<Trial, Unstepped>,
}

/// Why a step was not taken.
#[derive(Debug)]
pub(super) enum Unstepped {
    /// It asks the web.
    Asks(Box<HttpRequest>),
    /// It takes longer than others want to wait.
    TooLong,
    /// The store cannot be read.
    Unreadable(String),
}

impl<S: Store> Attempt<S> {
    pub(super) fn new(chain: ChainId, request: ChainRequest<S>, done: Done) -> Attempt<S> {
        Attempt { chain, request, done, answers: Answers::new(), tried: None }
    }
}

/// A step that is tried again when what it waits for is there, or answered with what it got when time is up.
pub(super) struct Waiting<S: Store> {
    pub(super) until: Timestamp,
    pub(super) attempt: Attempt<S>,
}
