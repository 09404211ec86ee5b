//! What is told as it happens: blocks and bundles of chains, and answers of applications that change.

use super::{block::BlockView, shared};
use crate::{
    code::Code,
    failure::Failure,
    hub::{Hub, Waiting},
    live::{Latest, Question},
    node::Node,
};
use async_graphql::{ComplexObject, Context, Enum, Json, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt as _, stream};
use myceline_types::{ApplicationId, BlockHeight, ChainId};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

/// Tells what happens.
pub(crate) struct SubscriptionRoot;

/// What happened.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The chain has another block.
    NewBlock,
    /// Something waits for the chain.
    IncomingBundle,
}

/// Something happened to a chain.
#[derive(SimpleObject)]
#[graphql(complex)]
struct Notification {
    /// To which chain.
    chain_id: ChainId,
    /// What.
    event: Event,
    /// The height of the new block, or of the block that sent the bundle.
    height: BlockHeight,
    /// The chain that sent the bundle.
    origin: Option<ChainId>,
}

#[ComplexObject]
impl Notification {
    /// The new block.
    async fn block(&self, context: &Context<'_>) -> Result<Option<BlockView>, Failure> {
        if self.event == Event::IncomingBundle {
            return Ok(None);
        }
        Ok(shared(context).node.certified(self.chain_id, self.height).await?.map(BlockView))
    }
}

#[Subscription]
impl SubscriptionRoot {
    /// Every block of a chain, in order and without gaps, and hints about bundles that wait. A reader who comes back says
    /// from which height to go on.
    async fn notifications(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "Tell blocks from this height on; from now on where none is named")] from_height: Option<
            BlockHeight,
        >,
    ) -> Result<impl Stream<Item = Notification> + use<>, Failure> {
        let shared = shared(context);
        let place = place(context)?;
        let next = followed(&shared.node, &shared.hub, chain_id).await?;
        let reader = Reader {
            chain: chain_id,
            told: from_height.unwrap_or(next),
            heights: shared.hub.heights(chain_id),
            bundles: shared.hub.bundles(),
            _place: place,
        };
        Ok(stream::unfold(reader, |mut reader| async move { reader.next().await.map(|event| (event, reader)) }))
    }

    /// The answer of an application, now and whenever a new block changes it. A slow reader gets the newest answer next,
    /// and none of those in between.
    async fn query_result(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        application_id: ApplicationId,
        #[graphql(desc = "A GraphQL query of the application")] query: Option<String>,
        #[graphql(desc = "The variables of that query")] variables: Option<Json<Value>>,
        #[graphql(desc = "A query in another form than GraphQL, instead")] request: Option<Json<Value>>,
    ) -> Result<impl Stream<Item = Result<Json<Value>, Failure>> + use<>, Failure> {
        let shared = shared(context);
        let place = place(context)?;
        let request = match (query, request) {
            (Some(query), None) => json!({ "query": query, "variables": variables.map(|Json(value)| value) }),
            (None, Some(Json(request))) => request,
            _ => return Err(Failure::new(Code::Usage, "give a query, or a request in another form")),
        };
        followed(&shared.node, &shared.hub, chain_id).await?;
        let query = request.to_string().into_bytes();
        let mut latest = shared.live.ask(Question { chain: chain_id, application: application_id, query })?;
        latest.mark_changed();
        Ok(stream::unfold((latest, place), |(mut latest, place)| async move {
            let answer = next_answer(&mut latest).await?;
            Some((answer, (latest, place)))
        })
        .boxed())
    }
}

/// One subscription's place among those that can be served.
fn place(context: &Context<'_>) -> Result<OwnedSemaphorePermit, Failure> {
    let places: Arc<_> = shared(context).places.clone();
    places.try_acquire_owned().map_err(|_| Failure::new(Code::Busy, "too many subscriptions are open: try again later"))
}

/// Sees to it that a chain is followed. Gives its next height.
async fn followed(node: &Node, hub: &Hub, chain: ChainId) -> Result<BlockHeight, Failure> {
    let next = match node.next_height(chain).await {
        Err(failure) if failure.code == Code::NotFound => node.sync(chain).await?.next,
        next => next?,
    };
    hub.rises(chain, next);
    if hub.follow(chain) { Ok(next) } else { Err(Failure::new(Code::Busy, "as many chains are followed as can be")) }
}

/// How far one reader has been told about a chain.
struct Reader {
    chain: ChainId,
    /// The first height that was not told.
    told: BlockHeight,
    heights: watch::Receiver<BlockHeight>,
    bundles: broadcast::Receiver<Waiting>,
    _place: OwnedSemaphorePermit,
}

impl Reader {
    async fn next(&mut self) -> Option<Notification> {
        loop {
            if self.told < *self.heights.borrow_and_update() {
                return Some(self.tell());
            }
            tokio::select! {
                risen = self.heights.changed() => risen.ok()?,
                bundle = self.bundles.recv() => match bundle {
                    Ok(waiting) if waiting.chain == self.chain => return Some(waiting.into()),
                    // Hints that were missed are in the inbox.
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => (),
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
            }
        }
    }

    fn tell(&mut self) -> Notification {
        let height = self.told;
        self.told = height.next().unwrap_or(height);
        Notification { chain_id: self.chain, event: Event::NewBlock, height, origin: None }
    }
}

impl From<Waiting> for Notification {
    fn from(waiting: Waiting) -> Notification {
        let Waiting { chain, origin, cursor } = waiting;
        Notification { chain_id: chain, event: Event::IncomingBundle, height: cursor.height, origin: Some(origin) }
    }
}

/// The next answer that is new to this reader.
async fn next_answer(latest: &mut watch::Receiver<Latest>) -> Option<Result<Json<Value>, Failure>> {
    loop {
        latest.changed().await.ok()?;
        let Some(answer) = latest.borrow_and_update().clone() else { continue };
        return Some(match &*answer {
            Ok(bytes) => serde_json::from_slice(bytes).map(Json).map_err(|error| {
                Failure::new(Code::General, "the application answers with something that is not JSON").because(&error)
            }),
            Err(failure) => Err(failure.clone()),
        });
    }
}
