//! How a client and a validator reach each other. Every call is spelt once, in [`myceline_types::api`]; here are the two
//! seams around it and what carries its bytes between them.
//!
//! A validator implements [`Handler`], a client holds a [`Peer`]. In between is either gRPC ([`grpc`]: HTTP/2, and
//! gRPC-web for browsers) or nothing ([`InMemory`]: tests and the simulator). Nothing here looks into a request, keeps a
//! chain's state or decides whom to ask.
//!
//! ```
//! # use myceline_rpc::{Handler, InMemory, Incoming, Peer, Subscriber};
//! # use myceline_types::{Refusal, api::{Request, Response, Subscribe}};
//! # use std::sync::Arc;
//! struct Busy;
//!
//! impl Handler for Busy {
//!     fn handle(&self, requests: Vec<Incoming>) {
//!         for Incoming { reply, .. } in requests {
//!             reply.send(Response::Refused(Box::new(Refusal::Busy)));
//!         }
//!     }
//!
//!     fn subscribe(&self, _: Subscribe, _: Subscriber) -> Result<(), Refusal> {
//!         Err(Refusal::Busy)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let validator = InMemory::new(Arc::new(Busy));
//! let answer = validator.call(Request::Genesis.into()).await;
//! assert_eq!(answer, Ok(Response::Refused(Box::new(Refusal::Busy))));
//! # }
//! ```

pub mod feed;
#[cfg(not(target_arch = "wasm32"))]
pub mod grpc;
#[cfg(target_arch = "wasm32")]
#[path = "browser.rs"]
mod grpc;
#[cfg_attr(target_arch = "wasm32", allow(dead_code, reason = "in a browser no answer goes into a stream"))]
pub mod handler;
pub mod memory;
pub mod peer;

pub use feed::{Feed, Gone, Subscriber};
#[cfg(not(target_arch = "wasm32"))]
pub use grpc::{GrpcPeer, Limits, serve};
pub use handler::{Handler, Incoming, Reply};
pub use memory::InMemory;
pub use peer::{CallError, Outgoing, Peer, SubscribeError};
