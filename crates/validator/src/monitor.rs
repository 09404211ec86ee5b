//! A small HTTP server for whoever watches a validator: `/metrics`, `/healthz` and `/readyz`, and for whoever joins its
//! network: `/genesis`.

use crate::{hub::Hub, metrics::Metrics};
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{net::TcpListener, sync::Semaphore};

/// Connections served at once; more wait.
const CONNECTIONS_MAX: usize = 16;

/// Where watchers connect, and what does not change of what they see.
pub struct Watching {
    /// Takes their connections.
    pub listener: TcpListener,
    /// What the network started from, as a JSON document.
    pub genesis: Vec<u8>,
}

/// What the server shows.
pub struct Monitor {
    /// What the network started from.
    pub genesis: Bytes,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Knows the subscribers.
    pub hub: Arc<Hub>,
    /// Whether the validator takes requests.
    pub ready: Arc<AtomicBool>,
}

impl Monitor {
    /// Serves until the task is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            let Ok((socket, _)) = listener.accept().await else { continue };
            let monitor = self.clone();
            tokio::spawn(async move {
                let answer = service_fn(|request| std::future::ready(Ok::<_, Infallible>(monitor.answer(&request))));
                // A watcher that goes away in the middle of an answer is none of our business.
                let _ = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(socket), answer).await;
                drop(place);
            });
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        match request.uri().path() {
            "/genesis" => json(self.genesis.clone()),
            "/metrics" => text(StatusCode::OK, self.metrics.render(self.hub.subscribers())),
            "/healthz" => text(StatusCode::OK, "alive\n".into()),
            "/readyz" if self.ready.load(Ordering::Acquire) => text(StatusCode::OK, "ready\n".into()),
            "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n".into()),
            _ => text(StatusCode::NOT_FOUND, "ask for /genesis, /metrics, /healthz or /readyz\n".into()),
        }
    }
}

fn json(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}
