//! The connection to one validator: made when it is needed, made again when it broke, and given a rest when that fails.

use super::{
    endpoint::Endpoint,
    exchange::{Connection, Exchange},
    limits::{CONNECTION_WINDOW, PeerSettings, STREAM_WINDOW},
};
use crate::CallError;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout},
};

/// A connection that may come and go.
pub struct Link {
    pub endpoint: Endpoint,
    pub settings: PeerSettings,
    state: watch::Sender<State>,
}

/// What is known of it.
enum State {
    /// There is none, and an attempt may be made.
    Idle { failures: u32 },
    /// Somebody makes one.
    Connecting,
    /// There is one, or was until just now.
    Open { exchange: Arc<Exchange>, failures: u32 },
    /// The last attempt failed: none is made before that time.
    Resting { failures: u32, until: Instant, reason: CallError },
}

impl Link {
    pub fn new(endpoint: Endpoint, settings: PeerSettings) -> Arc<Link> {
        let (state, _) = watch::channel(State::Idle { failures: 0 });
        Arc::new(Link { endpoint, settings, state })
    }

    /// The open connection. Without one it waits for an attempt to make one, unless one failed just now.
    pub async fn exchange(self: &Arc<Link>) -> Result<Arc<Exchange>, CallError> {
        if let Some(exchange) = self.state.borrow().open() {
            return Ok(exchange);
        }
        self.state.send_if_modified(|state| self.look_again(state));
        let mut changes = self.state.subscribe();
        // The sender is in `self`, so waiting does not fail.
        let state = changes.wait_for(|state| !matches!(state, State::Connecting)).await;
        state.map_or(Err(CallError::Interrupted), |state| state.outcome())
    }

    /// Starts an attempt if it is time for one. Says whether the state changed.
    fn look_again(self: &Arc<Link>, state: &mut State) -> bool {
        let failures = match state {
            State::Idle { failures } => *failures,
            State::Connecting => return false,
            State::Open { exchange, .. } if !exchange.is_over() => return false,
            State::Open { exchange, .. } if exchange.has_answered() => 0,
            // It took the connection and never said anything.
            State::Open { failures, .. } => {
                *state = self.rest(*failures, CallError::Interrupted);
                return true;
            }
            State::Resting { until, .. } if Instant::now() < *until => return false,
            State::Resting { failures, .. } => *failures,
        };
        *state = State::Connecting;
        tokio::spawn(connect(self.clone(), failures));
        true
    }

    fn rest(&self, failures: u32, reason: CallError) -> State {
        let failures = failures.saturating_add(1);
        State::Resting { failures, until: Instant::now() + self.settings.backoff(failures), reason }
    }
}

impl State {
    fn open(&self) -> Option<Arc<Exchange>> {
        match self {
            State::Open { exchange, .. } if !exchange.is_over() => Some(exchange.clone()),
            _ => None,
        }
    }

    fn outcome(&self) -> Result<Arc<Exchange>, CallError> {
        match self {
            State::Open { exchange, .. } => Ok(exchange.clone()),
            State::Resting { reason, .. } => Err(reason.clone()),
            State::Idle { .. } | State::Connecting => Err(CallError::Interrupted),
        }
    }
}

impl PeerSettings {
    /// How long to rest after so many failures in a row.
    fn backoff(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.backoff_min.saturating_mul(doubled).min(self.backoff_max)
    }
}

/// One attempt, which outlives the call that asked for it.
async fn connect(link: Arc<Link>, failures: u32) {
    let attempt = timeout(link.settings.connect_timeout, open(&link.endpoint, &link.settings)).await;
    let state = match attempt {
        Ok(Ok(connection)) => {
            let exchange = Exchange::open(connection, link.endpoint.origin.clone(), &link.settings);
            State::Open { exchange: Arc::new(exchange), failures }
        }
        Ok(Err(error)) => link.rest(failures, CallError::Unreachable(error.to_string())),
        Err(_) => link.rest(failures, CallError::Unreachable("it does not take the connection".into())),
    };
    link.state.send_replace(state);
}

async fn open(
    endpoint: &Endpoint,
    settings: &PeerSettings,
) -> Result<Connection, Box<dyn std::error::Error + Send + Sync>> {
    let socket = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    socket.set_nodelay(true)?;
    let (sender, talk) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(settings.keep_alive)
        .keep_alive_timeout(settings.keep_alive)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .handshake(TokioIo::new(socket))
        .await?;
    // It ends with the last call on it. How it ended is what those calls learn.
    tokio::spawn(async move { drop(talk.await) });
    Ok(Connection(sender))
}
