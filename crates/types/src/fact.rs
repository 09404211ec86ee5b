//! What a certified block makes known to all chains, and which of its blocks to read for that.

use crate::{BlobId, Block, ChainId, StreamId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something that blocks of any chain may rest on, once a certified block has made it known: it stays so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A published blob.
    Blob(BlobId),
    /// An event of a chain's stream.
    Event(ChainId, StreamId, u32),
}

impl Fact {
    /// Whether this block makes it known.
    pub fn is_in(&self, block: &Block) -> bool {
        match self {
            Fact::Blob(blob) => block.outcome.blobs.contains(blob),
            Fact::Event(chain, stream, index) => {
                let is_it = |event: &crate::Event| event.index == *index && event.stream == *stream;
                block.proposed.chain == *chain && block.outcome.events.iter().any(is_it)
            }
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Blob(blob) => write!(f, "blob {blob}"),
            Fact::Event(chain, stream, index) => {
                write!(f, "event {index} of a stream of application {} on chain {chain}", stream.application)
            }
        }
    }
}
