//! Validators over gRPC and gRPC-web: HTTP by hyper, gRPC by tonic, messages as in `proto/validator.proto`. What the
//! bytes inside of the messages mean is not known here.
//!
//! ```text
//!  many calls ──► outbox ──► frames ══ one HTTP/2 stream ══► reader ──► Handler (any thread)
//!       ▲                                                                   │ Reply
//!       └── pending ◄── reader ══════════════════════════ frames ◄── answers ┘
//! ```

mod bodies;
mod budget;
mod client;
mod endpoint;
mod exchange;
mod frames;
mod limits;
mod link;
mod notices;
mod pending;
mod reader;
mod server;
mod service;
mod slot;
mod web;
mod wire;

pub use client::{GrpcNotifications, GrpcPeer};
pub use endpoint::InvalidEndpoint;
pub use limits::{Limits, PeerSettings};
pub use server::serve;
pub(crate) use slot::Slot;
