//! The three calls of a validator, for one connection: bodies in, handler in the middle, bodies out.

use super::{
    bodies::{self, Leaving},
    budget::{Budget, Share},
    limits::{Limits, frame_bytes_max},
    notices::Notifying,
    reader::Reader,
    slot::{Answers, encode},
    wire::{self, Envelope, Notices},
};
use crate::{Handler, Incoming, Reply, feed, handler::refused};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, header::CONTENT_TYPE};
use myceline_types::{
    Refusal,
    api::{Request, Response, SUBSCRIBED_CHAINS_MAX, Subscribe},
    encoding,
};
use prost::Message;
use serde::de::DeserializeOwned;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tonic::{
    Status,
    body::Body,
    codec::{EncodeBody, Streaming},
};

/// What all connections share.
pub struct Server<H> {
    pub handler: Arc<H>,
    pub limits: Limits,
    pub budget: Arc<Budget>,
    pub subscriptions: Arc<Semaphore>,
    pub stopping: CancellationToken,
}

/// One connection's share.
pub struct Connection<H> {
    pub server: Arc<Server<H>>,
    pub budget: Arc<Budget>,
    pub in_flight: Arc<Semaphore>,
    pub subscriptions: Arc<Semaphore>,
    /// Whether a call was ever made.
    pub called: AtomicBool,
}

impl<H> Server<H> {
    pub fn new(handler: Arc<H>, limits: Limits) -> Server<H> {
        Server {
            handler,
            budget: Budget::new(limits.bytes, None),
            subscriptions: Arc::new(Semaphore::new(limits.subscriptions)),
            stopping: CancellationToken::new(),
            limits,
        }
    }
}

impl<H: Handler> Connection<H> {
    pub fn new(server: Arc<Server<H>>) -> Connection<H> {
        Connection {
            budget: Budget::new(server.limits.bytes_per_connection, Some(server.budget.clone())),
            in_flight: Arc::new(Semaphore::new(server.limits.in_flight)),
            subscriptions: Arc::new(Semaphore::new(server.limits.subscriptions_per_connection)),
            called: AtomicBool::new(false),
            server,
        }
    }

    /// The request in an envelope's body, or what to say instead of an answer; and the memory that it takes.
    pub fn admit<T: DeserializeOwned>(&self, body: &Bytes) -> (Share, Result<T, Refusal>) {
        match self.budget.share(body.len()) {
            Ok(share) => (share, self.decode(body)),
            Err(_) => (self.budget.nothing(), Err(Refusal::Busy)),
        }
    }

    fn decode<T: DeserializeOwned>(&self, body: &Bytes) -> Result<T, Refusal> {
        let limit = self.server.limits.message_bytes;
        if body.len() > limit {
            return Err(Refusal::TooLarge { limit: limit as u64 });
        }
        encoding::from_bytes(body).map_err(|why| Refusal::Malformed(why.to_string()))
    }

    async fn route(self: Arc<Self>, request: http::Request<Body>) -> http::Response<Body> {
        self.called.store(true, Ordering::Relaxed);
        match request.uri().path() {
            wire::CALL => self.call(request.into_body()).await,
            wire::STREAM => self.stream(request.into_body()),
            wire::SUBSCRIBE => self.subscribe(request.into_body()).await,
            _ => Status::unimplemented("a validator has no such call").into_http(),
        }
    }

    async fn call(&self, body: Body) -> http::Response<Body> {
        let Envelope { id, body } = match self.only_message(body).await {
            Ok(envelope) => envelope,
            Err(status) => return status.into_http(),
        };
        let (share, request) = self.admit(&body);
        let permit = self.in_flight.clone().try_acquire_owned();
        let response = match request {
            Ok(request) if permit.is_ok() => self.ask(request).await,
            Ok(_) => refused(Refusal::Busy),
            Err(refusal) => refused(refusal),
        };
        let body = encode(&response, self.server.limits.message_bytes, &share).into();
        respond(Once { message: Some(Envelope { id, body }), _guard: (share, permit.ok()) })
    }

    async fn ask(&self, request: Request) -> Response {
        let (reply, answer) = Reply::new();
        self.server.handler.handle(vec![Incoming { request, reply }]);
        // A reply that is dropped has said so itself.
        answer.await.unwrap_or_else(|_| refused(Refusal::Busy))
    }

    fn stream(self: Arc<Self>, body: Body) -> http::Response<Body> {
        let (answers, ending, frames) = Answers::new(self.server.limits.in_flight);
        let requests = self.messages(body);
        tokio::spawn(Reader { connection: self, requests, answers, ending }.run());
        respond(frames)
    }

    async fn subscribe(&self, body: Body) -> http::Response<Body> {
        match self.only_message(body).await {
            Ok(envelope) => match self.follow(&envelope.body) {
                Ok(notifying) => respond(notifying),
                Err(refusal) => respond(Once { message: Some(Notices::refused(&refusal)), _guard: () }),
            },
            Err(status) => status.into_http(),
        }
    }

    fn follow(&self, body: &Bytes) -> Result<Notifying, Refusal> {
        let (share, subscribe) = self.admit::<Subscribe>(body);
        let subscribe = subscribe?;
        if subscribe.chains.len() > SUBSCRIBED_CHAINS_MAX {
            return Err(Refusal::TooLarge { limit: SUBSCRIBED_CHAINS_MAX as u64 });
        }
        let places = [place(&self.subscriptions)?, place(&self.server.subscriptions)?];
        let (subscriber, feed) = feed::feed(self.server.limits.notifications);
        self.server.handler.subscribe(subscribe, subscriber)?;
        Ok(Notifying::new(feed, &self.server, (places, share)))
    }

    fn messages<M: Message + Default + 'static>(&self, body: Body) -> Streaming<M> {
        bodies::messages(body, self.budget.nothing(), frame_bytes_max(self.server.limits.message_bytes))
    }

    /// The message of a call that has one. It reads to the end: in HTTP/2, not to do so is to give the call up.
    async fn only_message(&self, body: Body) -> Result<Envelope, Status> {
        let mut messages = self.messages(body);
        let message = messages.message().await?.ok_or_else(|| Status::invalid_argument("the call needs a message"))?;
        match messages.message().await? {
            None => Ok(message),
            Some(Envelope { .. }) => Err(Status::invalid_argument("the call takes one message")),
        }
    }
}

/// A place among those that are limited.
fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    places.clone().try_acquire_owned().map_err(|_| Refusal::Busy)
}

/// Messages as the body of an answer.
fn respond<M>(messages: impl Stream<Item = Result<M, Status>> + Send + 'static) -> http::Response<Body>
where
    M: Message + 'static,
{
    let body = EncodeBody::new_server(wire::encoder(), messages, None, Default::default(), None);
    let mut response = http::Response::new(Body::new(Leaving::new(Body::new(body))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// The only message of an answer. The guard is dropped when it has left.
struct Once<M, Guard> {
    message: Option<M>,
    _guard: Guard,
}

impl<M: Unpin, Guard: Unpin> Stream for Once<M, Guard> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<M, Status>>> {
        Poll::Ready(self.message.take().map(Ok))
    }
}

/// A connection's calls as the kind of service that tonic and hyper know.
pub struct Calls<H>(pub Arc<Connection<H>>);

impl<H> Clone for Calls<H> {
    fn clone(&self) -> Calls<H> {
        Calls(self.0.clone())
    }
}

impl<H: Handler> tower_service::Service<http::Request<Body>> for Calls<H> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let connection = self.0.clone();
        Box::pin(async move { Ok(connection.route(request).await) })
    }
}
