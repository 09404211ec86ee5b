//! What a run may look at besides the chain's own state.

use crate::engine::Engine;
use myceline_state::Absent;
use myceline_types::{
    Blob, BlobId, ChainId, Opaque, OracleRecord, Policy, StreamId, Timestamp,
    guest::{HttpAnswer, HttpRequest},
};
use std::collections::BTreeMap;

/// Facts that stay true once they are: what was certified somewhere. There is no "not found" here. What is not here now may
/// be later, so its lack is a need and never an outcome.
pub trait World {
    /// The content of a certified blob.
    fn certified(&self, blob: BlobId) -> Result<Option<Blob>, Absent>;

    /// The content of a blob that came with the block, which may publish it.
    fn offered(&self, blob: BlobId) -> Option<&Blob>;

    /// What a certified event says.
    fn event(&self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Option<Opaque>, Absent>;
}

/// What a run may depend on besides the chain's state.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Prices and limits of the chain's epoch.
    pub policy: &'a Policy,
    /// What was certified elsewhere, and what came with the block.
    pub world: &'a dyn World,
    /// Runs applications.
    pub engine: &'a dyn Engine,
    /// Where answers of oracles come from.
    pub oracle: Oracle<'a>,
    /// How much fuel may be burnt before the run stops with [`Stop::TooLong`](crate::Stop): whoever steps many chains one
    /// after the other gives long runs to somebody else. It says nothing about the block.
    pub patience: u64,
}

/// Where answers of oracles come from.
#[derive(Clone, Copy)]
pub enum Oracle<'a> {
    /// From the block: it is certified or imposed, and nobody is asked again (R14).
    Recorded(&'a [OracleRecord]),
    /// From what was found out here.
    Own {
        /// The time here.
        now: Timestamp,
        /// What the web answered.
        web: &'a Answers,
        /// What the block says that oracles answered, where there is a block already.
        claimed: Option<&'a [OracleRecord]>,
    },
}

/// What the web answered, or why it did not, by the [names](web_key) of the requests.
pub type Answers = BTreeMap<Vec<u8>, Result<HttpAnswer, String>>;

/// No facts at all, for chains that use none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

impl World for Nowhere {
    fn certified(&self, _: BlobId) -> Result<Option<Blob>, Absent> {
        Ok(None)
    }

    fn offered(&self, _: BlobId) -> Option<&Blob> {
        None
    }

    fn event(&self, _: ChainId, _: &StreamId, _: u32) -> Result<Option<Opaque>, Absent> {
        Ok(None)
    }
}

/// The name under which an answer of the web is kept.
pub fn web_key(request: &HttpRequest) -> Vec<u8> {
    myceline_types::encoding::to_bytes(request)
}
