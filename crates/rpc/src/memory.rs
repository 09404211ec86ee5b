//! A validator in the same process: calls go straight to its handler, by value. For tests and the simulator; there are no
//! limits, timeouts or failures here, which those who need them put around it.

use crate::{
    CallError, Feed, Handler, Incoming, Outgoing, Peer, SubscribeError,
    feed::{self, NOTIFICATIONS_WAITING_MAX},
    handler::Reply,
};
use myceline_types::api::{Response, Subscribe};
use std::sync::Arc;

/// A [`Peer`] without a network in between.
#[derive(Debug)]
pub struct InMemory<H>(Arc<H>);

impl<H: Handler> InMemory<H> {
    /// A way to `handler`.
    pub fn new(handler: Arc<H>) -> InMemory<H> {
        InMemory(handler)
    }
}

impl<H> Clone for InMemory<H> {
    fn clone(&self) -> InMemory<H> {
        InMemory(self.0.clone())
    }
}

impl<H: Handler> Peer for InMemory<H> {
    type Notifications = Feed;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        let (reply, answer) = Reply::new();
        self.0.handle(vec![Incoming { request: request.request().clone(), reply }]);
        answer.await.map_err(|_| CallError::Interrupted)
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Feed, SubscribeError> {
        let (subscriber, feed) = feed::feed(NOTIFICATIONS_WAITING_MAX);
        self.0.subscribe(subscribe, subscriber).map_err(SubscribeError::Refused)?;
        Ok(feed)
    }
}
