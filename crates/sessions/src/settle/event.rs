//! What a settlement is told and what it asks for.

use crate::Statement;
use myceline_consensus::Executed;
use myceline_types::{
    Blob, Block, BlockHash, Body, Certificate, Justification, OwnerSignature, Proposal, Refusal, Round, Timestamp,
    api::{Request, Response},
};
use std::sync::Arc;

/// The block that an owner wants to make.
#[derive(Debug)]
pub struct Own {
    /// Its name, and whether it can be final by the fast quorum.
    pub executed: Executed,
    /// Enough to execute it elsewhere.
    pub body: Body,
    /// The blobs that it publishes.
    pub blobs: Vec<Blob>,
    /// The proposal that was written down for it before, if the owner begins again.
    pub proposal: Option<Proposal>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The session may begin.
    Begin,
    /// The answer to [`Effect::Sign`].
    Signed(OwnerSignature),
    /// The other answer to [`Effect::Sign`]: whoever has the key does not sign.
    NotSigned,
    /// The answer to [`Effect::Write`]: the proposal is durable.
    Written,
    /// The answer to [`Effect::Examine`], where the body could be executed.
    Examined(Box<Block>),
    /// A validator answered the request of an exchange, perhaps after it was repaired.
    Answer {
        /// Which exchange.
        exchange: u32,
        /// A place in the committee.
        validator: u8,
        /// Its answer.
        response: Response,
    },
    /// A validator did not answer the request of an exchange, or could not be repaired.
    Silence {
        /// Which exchange.
        exchange: u32,
        /// A place in the committee.
        validator: u8,
    },
    /// The time of the last [`Effect::Wake`] has come.
    Tick,
}

/// Something to be done.
#[derive(Debug)]
pub enum Effect {
    /// Have the owner sign this, and come back with [`Event::Signed`].
    Sign(Statement),
    /// Make this proposal durable in place of the one before, and come back with [`Event::Written`].
    Write(Arc<Proposal>),
    /// Send this to every member of the committee, and come back with what each of them answers.
    Ask {
        /// A name for the exchange.
        exchange: u32,
        /// Sent to each of them just before, for those that lag. Its answer is not waited for and not needed.
        ahead: Option<Request>,
        /// The request.
        request: Request,
    },
    /// Give a validator what it lacks, ask it again, and come back with its answer to that.
    Repair {
        /// Which exchange.
        exchange: u32,
        /// A place in the committee.
        validator: u8,
        /// What it said.
        refusal: Box<Refusal>,
    },
    /// Execute this on the tip to learn which block it is, and come back with [`Event::Examined`] if that works.
    Examine(Box<Body>),
    /// Come back with [`Event::Tick`] at this time, unless a later effect names another one.
    Wake(Timestamp),
    /// The session is over.
    End(Ending),
}

/// How a session ends.
#[derive(Debug)]
pub enum Ending {
    /// The height is final.
    Final {
        /// Proves it.
        certificate: Certificate,
        /// Whether the block is the owner's own.
        is_own: bool,
        /// The block's body if it is not and somebody showed it.
        body: Option<Box<Body>>,
    },
    /// The owner wants no block, and nobody else's has to be finished.
    Nothing,
    /// It was not settled. The proposal stays written down: begin again later.
    GaveUp(GaveUp),
}

/// Why a height was not settled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GaveUp {
    /// Too few validators answer: begin again when more can be reached.
    #[error("validators of weight {answered} answer, and {needed} is needed")]
    NoQuorum {
        /// Weight that answered.
        answered: u64,
        /// Weight that is needed.
        needed: u64,
    },
    /// An honest validator says that this block cannot be: make another one.
    #[error("the validators refuse the block: {0}")]
    Rejected(Box<Refusal>),
    /// The deadline passed: begin again.
    #[error("the height was not settled in time")]
    OutOfTime,
    /// Nobody signed: begin again with the key at hand.
    #[error("the owner did not sign")]
    NotSigned,
}

/// What could be proposed.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) round: Round,
    pub(super) block: BlockHash,
    pub(super) justification: Option<Justification>,
}
