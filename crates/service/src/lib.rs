//! What front ends and other commands talk to: a wallet's node behind GraphQL.
//!
//! ```text
//!   browsers, curl ──► guard ──► graph          the system's GraphQL, subscriptions included
//!                        │  └──► application    one address per application, which answers in its own words
//!   commands ────────────┴─────► call           the same calls that GraphQL is made of, for this wallet's owner only
//!                                  │
//!                                  ▼
//!                                node ──► local (the wallet's client, in this process) or remote (another process)
//! ```
//!
//! What happens to chains is known in one place, the [`Hub`], as heights that rise. Subscriptions read on from the height
//! that they have told, so that a slow reader needs no queue and misses nothing.

mod application;
pub mod call;
mod code;
pub mod describe;
mod failure;
mod graph;
mod guard;
mod hub;
mod live;
mod local;
mod node;
mod remote;
mod server;

pub use code::Code;
pub use failure::{Failure, GaveUp};
pub use guard::{Access, guarded, new_token};
pub use hub::{Hub, Waiting};
pub use local::{Book, Inboxes, Local};
pub use node::{Carrier, Node};
pub use remote::Remote;
pub use server::{Service, Settings, serve};
