//! What a guest may know about where and why it runs.

use crate::{ApplicationId, BlockHeight, ChainId, Owner, StreamId, Timestamp};
use serde::{Deserialize, Serialize};

/// What stays the same as long as an instance lives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// The application.
    pub application: ApplicationId,
    /// The chain on which it was created.
    pub creator: ChainId,
    /// The chain on which it runs.
    pub chain: ChainId,
    /// The block's height; to a service, that of the next block.
    pub height: BlockHeight,
    /// The block's time; to a service, the time here.
    pub timestamp: Timestamp,
}

/// What is known about one call of an entry point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CallFacts {
    /// On whose authority, where that was passed on.
    pub signer: Option<Owner>,
    /// The application that calls, where it says who it is.
    pub caller: Option<ApplicationId>,
    /// The message that is being executed, where one is.
    pub message: Option<MessageFacts>,
}

/// What is known about a message besides what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MessageFacts {
    /// The chain that sent it.
    pub origin: ChainId,
    /// The time of the block that sent it.
    pub timestamp: Timestamp,
    /// Whether this chain sent it and the recipient rejected it.
    pub is_bouncing: bool,
}

/// Events that came since a subscriber last looked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamUpdate {
    /// The chain that emits.
    pub chain: ChainId,
    /// The stream.
    pub stream: StreamId,
    /// The first index that is new.
    pub first: u32,
    /// One more than the last.
    pub next: u32,
}
