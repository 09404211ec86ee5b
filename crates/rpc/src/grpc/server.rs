//! A validator's port: accepts connections, and lets them finish when it shuts down.

use super::{
    limits::{CONNECTION_WINDOW, Limits, STREAM_WINDOW},
    service::{Calls, Connection, Server},
    web,
};
use crate::Handler;
use http::{Request, Response, header::ORIGIN};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tonic::body::Body;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_layer::Layer;
use tower_service::Service;

/// How long to wait when the machine has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers on `listener` through `handler` until `shutdown`. Then it accepts and reads no more, ends subscriptions, and
/// returns when everything that was asked is answered, or after [`Limits::drain`].
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let server = Arc::new(Server::new(handler, limits));
    let connections = accept_until(listener, &server, shutdown).await;
    server.stopping.cancel();
    drain(connections, server.limits.drain).await;
}

async fn accept_until<H: Handler>(
    listener: TcpListener,
    server: &Arc<Server<H>>,
    shutdown: impl Future<Output = ()>,
) -> JoinSet<()> {
    let places = Arc::new(Semaphore::new(server.limits.connections));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return connections,
            Some((socket, place)) = accept(&listener, &places) => {
                connections.spawn(converse(server.clone(), socket, place));
            }
            Some(_) = connections.join_next() => (),
        }
    }
}

/// The next connection, when there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((socket, _)) => return Some((socket, place)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn drain(mut connections: JoinSet<()>, at_most: Duration) {
    let all_done = async { while connections.join_next().await.is_some() {} };
    if timeout(at_most, all_done).await.is_err() {
        tracing::warn!(connections = connections.len(), "shutting down with requests in flight");
        connections.shutdown().await;
    }
}

/// One connection from its first byte to its last.
async fn converse<H: Handler>(server: Arc<Server<H>>, socket: TcpStream, _place: OwnedSemaphorePermit) {
    // Frames are complete when they are written: nothing is gained by holding them back.
    let _ = socket.set_nodelay(true);
    let connection = Arc::new(Connection::new(server.clone()));
    let service = GrpcWebLayer::new().layer(Calls(connection.clone()));
    let http = http(&server.limits);
    let mut talk =
        pin!(http.serve_connection(TokioIo::new(socket), service_fn(move |request| answer(service.clone(), request)),));
    tokio::select! {
        ended = talk.as_mut() => return log_end(ended),
        () = never_calls(&connection) => return,
        () = server.stopping.cancelled() => talk.as_mut().graceful_shutdown(),
    }
    log_end(talk.await);
}

fn log_end(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(error, "connection ended");
    }
}

/// Returns if the connection is there for nothing.
async fn never_calls<H>(connection: &Connection<H>) {
    sleep(connection.server.limits.first_call).await;
    if connection.called.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn answer<H: Handler>(
    mut service: GrpcWebService<Calls<H>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if let Some(response) = web::preflight(&request) {
        return Ok(response);
    }
    let from_page = request.headers().contains_key(ORIGIN);
    let mut response = service.call(request).await?;
    if from_page {
        web::allow(response.headers_mut());
    }
    Ok(response)
}

fn http(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.first_call);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.keep_alive)
        .keep_alive_timeout(limits.keep_alive)
        .max_concurrent_streams(limits.calls)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    builder
}
