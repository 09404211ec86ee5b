//! A certified block.

use crate::failure::Failure;
use async_graphql::{Json, Object};
use myceline_types::{BlockHash, BlockHeight, CertifiedBlock, ChainId, Opaque, Owner, Timestamp};
use serde::Serialize;
use serde_json::Value;

/// A block that is final.
pub(crate) struct BlockView(pub(crate) CertifiedBlock);

#[Object(name = "Block")]
impl BlockView {
    /// Its chain.
    async fn chain_id(&self) -> ChainId {
        self.0.block.proposed.chain
    }

    /// How many blocks come before it.
    async fn height(&self) -> BlockHeight {
        self.0.block.proposed.height
    }

    /// Its name.
    async fn hash(&self) -> BlockHash {
        self.0.certificate.block
    }

    /// The block before it.
    async fn previous_hash(&self) -> Option<BlockHash> {
        self.0.block.proposed.previous
    }

    /// Its time.
    async fn timestamp(&self) -> Timestamp {
        self.0.block.proposed.timestamp
    }

    /// The owner who made it.
    async fn author(&self) -> Option<Owner> {
        self.0.block.proposed.author
    }

    /// The round in which it became final.
    async fn round(&self) -> u32 {
        self.0.certificate.round.0
    }

    /// What it does, in order.
    async fn transactions(&self) -> Result<Vec<Json<Value>>, Failure> {
        self.0.block.proposed.transactions.iter().map(json).collect()
    }

    /// What its operations returned, in order, where they returned something.
    async fn results(&self) -> Vec<Opaque> {
        self.0.block.outcome.results.iter().map(|result| result.bytes.clone()).collect()
    }

    /// All of it, with the certificate that makes it final.
    async fn content(&self) -> Result<Json<Value>, Failure> {
        json(&self.0)
    }
}

fn json(value: &impl Serialize) -> Result<Json<Value>, Failure> {
    let value = serde_json::to_value(value).map_err(|error| Failure::telling(crate::code::Code::General, &error))?;
    Ok(Json(value))
}
