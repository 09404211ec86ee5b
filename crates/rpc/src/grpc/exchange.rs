//! The client's end of a stream: many calls at once, each waiting for the answer with its number.

use super::{
    frames::{Frames, frames},
    limits::{PeerSettings, frame_bytes_max},
    pending::Pending,
    wire::{self, Envelope, Frame, Messages},
};
use crate::CallError;
use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{sync::mpsc, task::JoinSet};
use tonic::{Code, Status, body::Body, client::Grpc};

/// A connection to a validator, for tonic.
#[derive(Clone)]
pub struct Connection(pub SendRequest<Body>);

impl tower_service::Service<http::Request<Body>> for Connection {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

/// A connection with one open stream.
pub struct Exchange {
    connection: Connection,
    origin: Uri,
    bytes_max: usize,
    outbox: mpsc::Sender<(Envelope, ())>,
    pending: Arc<Pending>,
    /// Reads answers until this is dropped.
    _reader: JoinSet<()>,
}

impl Exchange {
    /// Opens the stream. Calls may be made at once: their frames leave while the validator still accepts.
    pub fn open(connection: Connection, origin: Uri, settings: &PeerSettings) -> Exchange {
        let (outbox, frames) = frames(settings.outbox);
        let pending = Arc::new(Pending::default());
        let bytes_max = settings.message_bytes;
        let mut reader = JoinSet::new();
        reader.spawn(read(grpc(&connection, &origin, bytes_max), frames, pending.clone()));
        Exchange { connection, origin, bytes_max, outbox, pending, _reader: reader }
    }

    /// Asks for the answer to the request in `body`.
    pub async fn call(&self, body: Bytes) -> Result<Bytes, CallError> {
        let waiting = Pending::wait(&self.pending)?;
        let envelope = Envelope { id: waiting.id(), body };
        // A closed outbox means that the stream is ending, and then the reader says why.
        let _ = self.outbox.send((envelope, ())).await;
        waiting.answer().await
    }

    /// For calls beside the stream.
    pub fn grpc(&self) -> Grpc<Connection> {
        grpc(&self.connection, &self.origin, self.bytes_max)
    }

    /// Whether calls can no longer be answered here.
    pub fn is_over(&self) -> bool {
        self.outbox.is_closed() || self.pending.has_ended()
    }

    /// Whether the validator ever answered.
    pub fn has_answered(&self) -> bool {
        self.pending.has_answered()
    }
}

fn grpc(connection: &Connection, origin: &Uri, bytes_max: usize) -> Grpc<Connection> {
    Grpc::with_origin(connection.clone(), origin.clone()).max_decoding_message_size(frame_bytes_max(bytes_max))
}

/// Reads answers until the stream ends, and tells those who still wait why.
async fn read(mut grpc: Grpc<Connection>, frames: Frames<()>, pending: Arc<Pending>) {
    let ended = read_all(&mut grpc, frames, &pending).await;
    pending.end(match ended {
        Ok(()) => CallError::Interrupted,
        Err(status) => failure(&status),
    });
}

async fn read_all(grpc: &mut Grpc<Connection>, frames: Frames<()>, pending: &Pending) -> Result<(), Status> {
    ready(grpc).await?;
    let path = PathAndQuery::from_static(wire::STREAM);
    let answers = grpc.streaming(tonic::Request::new(frames), path, Messages::<Frame, Frame>::new()).await?;
    let mut answers = answers.into_inner();
    while let Some(frame) = answers.message().await? {
        pending.answer(frame);
    }
    Ok(())
}

/// Waits until the connection takes another call.
pub async fn ready(grpc: &mut Grpc<Connection>) -> Result<(), Status> {
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))
}

/// What a status means to a caller.
pub fn failure(status: &Status) -> CallError {
    tracing::debug!(%status, "a call failed");
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::Unknown | Code::Internal | Code::ResourceExhausted => {
            CallError::Interrupted
        }
        _ => CallError::Refused(status.to_string()),
    }
}
