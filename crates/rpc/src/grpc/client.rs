//! A validator over gRPC, as its clients see it.

use super::{
    endpoint::{Endpoint, InvalidEndpoint},
    exchange::{failure, ready},
    limits::PeerSettings,
    link::Link,
    wire::{self, Envelope, Messages, Notices},
};
use crate::{CallError, Outgoing, Peer, SubscribeError};
use bytes::Bytes;
use futures_core::Stream;
use http::uri::PathAndQuery;
use myceline_types::{
    Refusal,
    api::{Notification, Response, Subscribe},
    encoding,
};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::time::timeout;
use tonic::codec::Streaming;

/// A [`Peer`] at an address. It connects at the first call, again after the connection broke, and lets calls fail at once
/// for a while after it could not. Calls share one stream, in which those that are made at the same time travel together.
///
/// It is used within a tokio runtime.
#[derive(Clone)]
pub struct GrpcPeer(Arc<Link>);

impl GrpcPeer {
    /// A validator at `address`, such as `http://127.0.0.1:9000`. Nothing is sent yet.
    pub fn new(address: &str, settings: PeerSettings) -> Result<GrpcPeer, InvalidEndpoint> {
        Ok(GrpcPeer(Link::new(Endpoint::parse(address)?, settings)))
    }

    /// Asks in a call of its own instead of in the stream. It costs several times as much: for comparisons, and for
    /// servers between here and the validator that do not let streams through.
    pub async fn call_alone(&self, request: Outgoing) -> Result<Response, CallError> {
        let body = self.fitting(request.bytes())?;
        let answer = self.in_time(self.ask_alone(body)).await??;
        decode(&answer)
    }

    async fn ask(&self, body: Bytes) -> Result<Bytes, CallError> {
        self.0.exchange().await?.call(body).await
    }

    async fn ask_alone(&self, body: Bytes) -> Result<Bytes, CallError> {
        let mut grpc = self.0.exchange().await?.grpc();
        ready(&mut grpc).await.map_err(|status| failure(&status))?;
        let request = tonic::Request::new(Envelope { id: 0, body });
        let answer = grpc.unary(request, PathAndQuery::from_static(wire::CALL), Messages::<_, Envelope>::new()).await;
        answer.map(|answer| answer.into_inner().body).map_err(|status| failure(&status))
    }

    async fn follow(&self, body: Bytes) -> Result<GrpcNotifications, SubscribeError> {
        let mut grpc = self.0.exchange().await?.grpc();
        let failed = |status| failure(&status);
        ready(&mut grpc).await.map_err(failed)?;
        let request = tonic::Request::new(Envelope { id: 0, body });
        let path = PathAndQuery::from_static(wire::SUBSCRIBE);
        let mut notices =
            grpc.server_streaming(request, path, Messages::<_, Notices>::new()).await.map_err(failed)?.into_inner();
        let first = notices.message().await.map_err(failed)?.ok_or(CallError::Interrupted)?;
        GrpcNotifications::begin(notices, first)
    }

    async fn in_time<T>(&self, call: impl Future<Output = T>) -> Result<T, CallError> {
        timeout(self.0.settings.call_timeout, call).await.map_err(|_| CallError::Timeout)
    }

    fn fitting(&self, body: &Bytes) -> Result<Bytes, CallError> {
        let (size, limit) = (body.len(), self.0.settings.message_bytes);
        if size <= limit { Ok(body.clone()) } else { Err(CallError::TooLarge { size, limit }) }
    }
}

impl Peer for GrpcPeer {
    type Notifications = GrpcNotifications;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        let body = self.fitting(request.bytes())?;
        let answer = self.in_time(self.ask(body)).await??;
        decode(&answer)
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<GrpcNotifications, SubscribeError> {
        let body = self.fitting(&encoding::to_bytes(&subscribe).into())?;
        self.in_time(self.follow(body)).await?
    }
}

fn decode(answer: &Bytes) -> Result<Response, CallError> {
    encoding::from_bytes(answer).map_err(|why| CallError::Malformed(why.to_string()))
}

/// What a subscription brings. It ends when the connection does, or with anything that is no notification.
pub struct GrpcNotifications {
    notices: Streaming<Notices>,
    waiting: VecDeque<Bytes>,
}

impl GrpcNotifications {
    fn begin(notices: Streaming<Notices>, first: Notices) -> Result<GrpcNotifications, SubscribeError> {
        match first.refusal {
            None => Ok(GrpcNotifications { notices, waiting: first.notifications.into() }),
            Some(refusal) => Err(encoding::from_bytes::<Refusal>(&refusal)
                .map_or_else(|why| CallError::Malformed(why.to_string()).into(), SubscribeError::Refused)),
        }
    }

    /// Waits until something waits here. False at the end.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        while self.waiting.is_empty() {
            let Some(Ok(notices)) = ready!(Pin::new(&mut self.notices).poll_next(context)) else {
                return Poll::Ready(false);
            };
            self.waiting = notices.notifications.into();
        }
        Poll::Ready(true)
    }
}

impl Stream for GrpcNotifications {
    type Item = Notification;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notification>> {
        ready!(self.poll_more(context));
        let next = self.waiting.pop_front();
        Poll::Ready(next.and_then(|bytes| encoding::from_bytes(&bytes).ok()))
    }
}
