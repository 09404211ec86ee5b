//! What a validator takes from strangers and what a client puts up with, as numbers with names.

use super::{frames::FRAME_BYTES_MAX, wire::OVERHEAD_MAX};
use crate::feed::NOTIFICATIONS_WAITING_MAX;
use std::time::Duration;

/// The most bytes of one request or answer: a block with its blobs.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What one HTTP/2 stream may have on the way before its reader says that it can take more.
pub const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
/// Likewise for all streams of a connection together.
pub const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

/// How much a validator takes on. Beyond any of these it refuses, or it reads no more until it has caught up.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one request or answer. A larger request is answered with
    /// [`TooLarge`](myceline_types::Refusal::TooLarge), and so is a request whose answer would be larger.
    pub message_bytes: usize,
    /// Requests of one connection that are not answered yet. Streams are not read any further until some are; single
    /// calls are answered with [`Busy`](myceline_types::Refusal::Busy).
    pub in_flight: usize,
    /// Bytes of one connection's requests that are being read or worked on, and of answers that have not left. A message
    /// must fit in. Beyond this, requests and answers give way to [`Busy`](myceline_types::Refusal::Busy); what cannot
    /// even be read ends its call with gRPC's `RESOURCE_EXHAUSTED`.
    pub bytes_per_connection: usize,
    /// Likewise of all connections together.
    pub bytes: usize,
    /// Connections. More wait until one of these closes.
    pub connections: usize,
    /// Calls of any kind that one connection may have open. HTTP/2 makes the client wait for its turn.
    pub calls: u32,
    /// Subscriptions of all connections. More are refused as [`Busy`](myceline_types::Refusal::Busy).
    pub subscriptions: usize,
    /// Subscriptions of one connection, likewise.
    pub subscriptions_per_connection: usize,
    /// Notifications that wait for a slow subscriber. More become a [`Gap`](myceline_types::api::Reason::Gap).
    pub notifications: usize,
    /// How long a connection may be silent before it is asked whether it is alive, and how long it may take to say so.
    /// A subscription without news says as often that there is none.
    pub keep_alive: Duration,
    /// How long a connection may take to make its first call.
    pub first_call: Duration,
    /// How long requests in flight may take when the server shuts down.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            message_bytes: MESSAGE_BYTES_MAX,
            in_flight: 1_024,
            bytes_per_connection: 4 * MESSAGE_BYTES_MAX,
            bytes: 32 * MESSAGE_BYTES_MAX,
            connections: 1_024,
            calls: 64,
            subscriptions: 4_096,
            subscriptions_per_connection: 16,
            notifications: NOTIFICATIONS_WAITING_MAX,
            keep_alive: Duration::from_secs(15),
            first_call: Duration::from_secs(10),
            drain: Duration::from_secs(5),
        }
    }
}

/// How a client treats one validator.
#[derive(Clone, Debug)]
pub struct PeerSettings {
    /// Bytes of one request or answer. No larger request is sent.
    pub message_bytes: usize,
    /// Calls that wait to be sent. More wait outside, within their time.
    pub outbox: usize,
    /// How long a call may take, from asking to the answer.
    pub call_timeout: Duration,
    /// How long it may take to connect. Short, since the other validators are enough.
    pub connect_timeout: Duration,
    /// How long calls fail at once after a first failed attempt to connect. It doubles with every further one…
    pub backoff_min: Duration,
    /// … up to this.
    pub backoff_max: Duration,
    /// How long the connection may be silent before the validator is asked whether it is alive, and how long it may take
    /// to say so.
    pub keep_alive: Duration,
}

impl Default for PeerSettings {
    fn default() -> PeerSettings {
        PeerSettings {
            message_bytes: MESSAGE_BYTES_MAX,
            outbox: 1_024,
            call_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(1),
            backoff_min: Duration::from_millis(100),
            backoff_max: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// The most bytes that a frame may have: one message of the largest size, or many small ones. A message that is a little
/// too large still fits, so that it can be refused by itself.
pub fn frame_bytes_max(message_bytes: usize) -> usize {
    message_bytes.saturating_add(FRAME_BYTES_MAX + OVERHEAD_MAX)
}
