//! Why a validator does not do what it was asked, with whatever repairs it (R27).

use crate::{
    BlobId, BlockHash, BlockHeight, Body, Certificate, CertifiedBlock, ChainId, Cursor, Epoch, Hash, Header,
    InvalidCertificate, InvalidRequest, Proposal, Round, StreamId, TimeoutCertificate,
    vote::{SignedVote, Slot},
};
use serde::{Deserialize, Serialize};

/// What made a validator enter its round (R19).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Evidence {
    /// The round before was left.
    Timeout(TimeoutCertificate),
    /// A block was validated in this round.
    Certificate(Certificate),
    /// A proposal opened this multi-leader round.
    Proposal(Box<Proposal>),
}

/// A timeout vote with what it reports, bodies included (R27).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimeoutAnswer {
    /// The vote.
    pub vote: SignedVote,
    /// The certificate that it reports, if it reports one.
    pub certificate: Option<Certificate>,
    /// The block that it reports, unless the asker has it.
    pub body: Option<Box<Body>>,
}

/// What is missing before the question can be answered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Missing {
    /// Blobs that are not stored here: send them along.
    pub blobs: Vec<BlobId>,
    /// Bundles that have not arrived here: send the certified blocks that sent them along.
    pub bundles: Vec<(ChainId, Cursor)>,
    /// A block whose body is not stored here.
    pub body: Option<BlockHash>,
    /// Events that are not known here: send the certified blocks that emitted them along.
    pub events: Vec<(ChainId, StreamId, u32)>,
}

/// An oracle's answer that differs from the one in the block. Ask for less of it (a projection), or again later.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[error("transaction {transaction} asked {asked}, which answers {here} here and {claimed} to the proposer")]
pub struct Difference {
    /// The transaction that asked.
    pub transaction: u32,
    /// Whom it asked.
    pub asked: String,
    /// What is kept of the answer here, by its hash.
    pub here: Hash,
    /// What the block says, likewise.
    pub claimed: Hash,
}

/// Why not, and what repairs it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// The height is decided (R18).
    #[error("height {} of this chain is already final", .0.block.proposed.height)]
    Final(Box<CertifiedBlock>),
    /// The chain is in another round, and here is why (R19).
    #[error("the chain is in round {round}")]
    Round {
        /// The round it is in.
        round: Round,
        /// What made it enter.
        evidence: Option<Evidence>,
    },
    /// It voted for something else in this round, and here is that vote (R12).
    #[error("another vote was given in this round")]
    Voted {
        /// The vote.
        vote: SignedVote,
        /// What it was for.
        body: Option<Box<Body>>,
    },
    /// It confirmed another block (R25).
    #[error("another block was confirmed in round {}: propose that one", .certificate.round)]
    Locked {
        /// The highest validated certificate that it has seen: its block passes the lock.
        certificate: Certificate,
        /// The body of that block.
        body: Option<Box<Body>>,
    },
    /// It has left this round (R12).
    #[error("the round is closed")]
    Closed(Box<TimeoutAnswer>),
    /// Nothing shown permits this block in this round (R21 to R26).
    #[error("nothing permits this block in round {0}: show a certificate or a timeout certificate of an earlier round")]
    Unjustified(Round),
    /// Not an owner, or not the leader of this round (R3).
    #[error("this owner may not propose in round {0}")]
    NotProposer(Round),
    /// The round has not lasted long enough (R16).
    #[error("the round is not over yet")]
    TooEarly,
    /// Something is not here yet.
    #[error("something is missing here: send it along")]
    Missing(Missing),
    /// Execution here gives another block.
    #[error("execution gives another block")]
    Mismatch {
        /// What execution gives here.
        here: Box<Header>,
        /// What the proposal claims.
        claimed: BlockHash,
    },
    /// An oracle answers otherwise here.
    #[error(transparent)]
    Differs(Box<Difference>),
    /// The web gave no answer here.
    #[error("this validator got no answer of {url}: {why}")]
    Unanswered {
        /// What was asked.
        url: String,
        /// What happened.
        why: String,
    },
    /// This validator has not seen the blocks before.
    #[error("this validator has only seen the blocks below height {next}: send the certified blocks from there on")]
    Lagging {
        /// The height that it is at.
        next: BlockHeight,
    },
    /// The chain is not known here.
    #[error("chain {0} is not known here: send the certified block that opened it")]
    UnknownChain(ChainId),
    /// The epoch is not the chain's.
    #[error("the chain is in epoch {chain}, not {asked}")]
    Epoch {
        /// The chain's.
        chain: Epoch,
        /// The request's.
        asked: Epoch,
    },
    /// Not what it claims to be.
    #[error(transparent)]
    Request(#[from] InvalidRequest),
    /// A certificate that proves nothing.
    #[error(transparent)]
    Certificate(#[from] InvalidCertificate),
    /// The block itself cannot be.
    #[error("the block is invalid: {0}")]
    Block(BlockProblem),
    /// About something else than what it came with.
    #[error("the request is about another chain, height or epoch than {0:?}")]
    Slot(Slot),
    /// This validator no longer votes on this chain.
    #[error(
        "this validator has stopped voting on this chain, since what it was shown contradicts itself: its operator must look"
    )]
    Halted,
    /// Too many requests at once.
    #[error("too busy: try again later")]
    Busy,
    /// Not the canonical bytes of a request.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// The request, or what it asks for, does not fit into a message.
    #[error("too large: a message has at most {limit}, so send or ask for less")]
    TooLarge {
        /// At most so many, in bytes of a message or chains of a subscription.
        limit: u64,
    },
}

/// What is wrong with a block.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
pub enum BlockProblem {
    /// Not built on the chain's last block.
    #[error("it does not follow the chain's last block")]
    Previous,
    /// Before something that it depends on.
    #[error("its time is before that of the previous block or of a bundle in it")]
    TimestampTooOld,
    /// Later than the validator's clock by more than the tolerance.
    #[error("its time is too far in the future")]
    TimestampTooNew,
    /// A block does something.
    #[error("it has no transactions")]
    Empty,
    /// The chain is closed.
    #[error("the chain is closed: it only rejects bundles")]
    Closed,
    /// One of the policy's limits.
    #[error("it has more {what} than the limit of {limit}")]
    Limit {
        /// Of what.
        what: String,
        /// At most so many.
        limit: u64,
    },
    /// The author is not who proposed it.
    #[error("its author is not its proposer")]
    Author,
    /// The bundle is not the next one from its origin.
    #[error("the bundle {cursor} from {origin} is not the next one: nothing can be skipped")]
    BundleOrder {
        /// From whom.
        origin: ChainId,
        /// The bundle.
        cursor: Cursor,
    },
    /// The bundle is not what its origin sent.
    #[error("the bundle {cursor} from {origin} is not what its origin sent")]
    BundleContent {
        /// From whom.
        origin: ChainId,
        /// The bundle.
        cursor: Cursor,
    },
    /// A bundle that may not be discarded unread.
    #[error(
        "the bundle {cursor} from {origin} carries value or expects an answer: accept it or reject it, it cannot be skipped"
    )]
    NotSkippable {
        /// From whom.
        origin: ChainId,
        /// The bundle.
        cursor: Cursor,
    },
    /// A transaction cannot be executed.
    #[error("transaction {index} fails: {why}")]
    Transaction {
        /// Which one.
        index: u32,
        /// Why.
        why: String,
    },
}
