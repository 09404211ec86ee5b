//! Event streams of applications.

use super::Shared;
use crate::{
    describe::{stream_name, stream_named},
    failure::Failure,
};
use async_graphql::{Json, SimpleObject};
use myceline_types::{ApplicationId, BlockHeight, ChainId, Opaque, StreamId};
use serde_json::Value;

/// A stream on which an application has emitted.
#[derive(SimpleObject)]
#[graphql(name = "Stream")]
pub(super) struct StreamView {
    /// Its name; 0x and hexadecimal digits where that is no text.
    name: String,
    /// How many events it has: the index of the next one.
    count: u32,
}

/// An event of a stream.
#[derive(SimpleObject)]
#[graphql(name = "StreamEvent")]
pub(super) struct EventView {
    /// Its place in the stream.
    index: u32,
    /// The block that emitted it.
    height: BlockHeight,
    /// What it says, as the application declares it; hexadecimal digits where it declares nothing.
    value: Json<Value>,
    /// The same in its canonical bytes.
    bytes: Opaque,
}

/// Which streams are asked for.
pub(super) struct StreamsAsked {
    pub(super) chain: ChainId,
    pub(super) application: ApplicationId,
    pub(super) after: Option<String>,
    pub(super) limit: u32,
}

/// The streams of an application on a chain, which is read first where it never was.
pub(super) async fn streams(shared: &Shared, asked: StreamsAsked) -> Result<Vec<StreamView>, Failure> {
    let StreamsAsked { chain, application, after, limit } = asked;
    shared.node.read_chain(chain).await?;
    let after = after.map(|name| stream_named(&name));
    let streams = shared.node.streams(chain, application, after, limit).await?;
    Ok(streams.into_iter().map(|(name, count)| StreamView { name: stream_name(&name), count }).collect())
}

/// Which events are asked for.
pub(super) struct EventsAsked {
    pub(super) chain: ChainId,
    pub(super) application: ApplicationId,
    pub(super) stream: String,
    pub(super) from: u32,
    pub(super) limit: u32,
}

/// Events of a stream, each from this node or with proof from a validator.
pub(super) async fn events(shared: &Shared, asked: EventsAsked) -> Result<Vec<EventView>, Failure> {
    let EventsAsked { chain, application, stream, from, limit } = asked;
    let reader = shared.describer.events(application).await?;
    let stream = StreamId { application, name: stream_named(&stream) };
    let events = shared.node.events(chain, stream, from, limit).await?;
    let view = |event: myceline_client::StreamEvent| EventView {
        index: event.index,
        height: event.height,
        value: Json(reader.value(&event.value)),
        bytes: event.value,
    };
    Ok(events.into_iter().map(view).collect())
}
