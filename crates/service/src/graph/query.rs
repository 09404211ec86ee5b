//! What can be read.

use super::{
    block::BlockView,
    chain::Chain,
    event::{self, EventView, EventsAsked, StreamView, StreamsAsked},
    parse, shared,
};
use crate::{code::Code, failure::Failure};
use async_graphql::{Context, Json, Object, SimpleObject};
use myceline_sdk::describe::schema;
use myceline_types::{ApplicationId, BlobId, BlockHeight, ChainId, Opaque, Owner};
use serde_json::Value;

/// Reads the wallet's chains and others, as far as this node has seen them.
pub(crate) struct QueryRoot;

/// A chain of the wallet.
#[derive(SimpleObject)]
struct WalletChain {
    /// Its id.
    chain_id: ChainId,
    /// What the wallet calls it.
    name: Option<String>,
    /// For whom the wallet signs on it; nobody where it is only followed.
    owner: Option<Owner>,
    /// Whether commands mean it when they name none.
    is_default: bool,
    /// The chain itself.
    chain: Chain,
}

#[Object]
impl QueryRoot {
    /// The version of this service.
    async fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The chains of the wallet.
    async fn chains(&self, context: &Context<'_>) -> Result<Vec<WalletChain>, Failure> {
        let known = shared(context).node.known().await?;
        let chain = |known: crate::call::KnownChain| WalletChain {
            chain_id: known.chain,
            name: known.name,
            owner: known.owner,
            is_default: known.is_default,
            chain: Chain(known.chain),
        };
        Ok(known.into_iter().map(chain).collect())
    }

    /// A chain: of the wallet, or any other of the network.
    async fn chain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which; the wallet's default chain where none is named")] chain_id: Option<ChainId>,
    ) -> Result<Chain, Failure> {
        if let Some(chain) = chain_id {
            return Ok(Chain(chain));
        }
        let known = shared(context).node.known().await?;
        let default = known.into_iter().find(|known| known.is_default);
        let none = || Failure::new(Code::NotFound, "the wallet has no default chain");
        Ok(Chain(default.ok_or_else(none)?.chain))
    }

    /// The applications that keep something on a chain, in the order of their ids.
    async fn applications(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "Only those after this one")] after: Option<ApplicationId>,
        #[graphql(desc = "At most so many", default = 100)] limit: u32,
    ) -> Result<Vec<ApplicationId>, Failure> {
        shared(context).node.applications(chain_id, after, limit).await
    }

    /// A certified block of any chain: the last one where no height is given.
    async fn block(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        height: Option<BlockHeight>,
    ) -> Result<Option<BlockView>, Failure> {
        let node = &shared(context).node;
        let height = match height {
            Some(height) => Some(height),
            None => node.next_height(chain_id).await?.previous(),
        };
        let Some(height) = height else { return Ok(None) };
        Ok(node.certified(chain_id, height).await?.map(BlockView))
    }

    /// The certified blocks of a chain from a height downwards, the newest first.
    async fn blocks(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "The first one told; the last one of the chain where none is named")] from: Option<
            BlockHeight,
        >,
        #[graphql(desc = "At most so many, and at most 100", default = 10)] limit: u32,
    ) -> Result<Vec<BlockView>, Failure> {
        super::chain::blocks(shared(context), chain_id, from, limit).await
    }

    /// The event streams on which an application has emitted on a chain, in the order of their names.
    async fn streams(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        application_id: ApplicationId,
        #[graphql(desc = "Only those after this name")] after: Option<String>,
        #[graphql(desc = "At most so many", default = 100)] limit: u32,
    ) -> Result<Vec<StreamView>, Failure> {
        let asked = StreamsAsked { chain: chain_id, application: application_id, after, limit };
        event::streams(shared(context), asked).await
    }

    /// Events that an application emitted on a chain, in order. Those of a chain that is not followed here are fetched, each
    /// with the certified block that proves it. The list ends before the first that no validator knows.
    async fn events_from_index(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        application_id: ApplicationId,
        #[graphql(desc = "The stream's name; one that is no text as 0x and hexadecimal digits")] stream: String,
        #[graphql(desc = "The first index", default = 0)] start_index: u32,
        #[graphql(desc = "At most so many, and at most 256", default = 100)] limit: u32,
    ) -> Result<Vec<EventView>, Failure> {
        let asked = EventsAsked { chain: chain_id, application: application_id, stream, from: start_index, limit };
        event::events(shared(context), asked).await
    }

    /// The JSON schema of what an application says and hears: operations, responses, messages, events, parameters, argument.
    async fn application_formats(
        &self,
        context: &Context<'_>,
        application_id: ApplicationId,
    ) -> Result<Json<Value>, Failure> {
        Ok(Json(schema::of(&shared(context).describer.application(application_id).await?)))
    }

    /// The content of a published blob.
    async fn blob(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name, for example data:<64 hexadecimal digits>")] blob_id: String,
    ) -> Result<Option<Opaque>, Failure> {
        let id: BlobId = parse(&blob_id)?;
        Ok(shared(context).node.blob(id).await?.map(|blob| blob.bytes))
    }
}
