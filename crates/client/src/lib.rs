//! A client of a network: a local node without a key, and a thin driver around the owner's side of the protocol.
//!
//! It verifies and executes everything that it believes, writes a proposal down before it sends it, and follows the chains
//! that its user cares about and no others. The decisions are in `sessions`; keys are behind [`Signer`]; where validators
//! are is behind `Peer`. Validators drive their chains with the same [`local`] node.
//!
//! | to | call |
//! |---|---|
//! | make a block, once | [`Client::submit`], which returns twice: pre-confirmed, then final |
//! | take in what others sent | [`Client::receive`], or [`Client::follow`] |
//! | be up to date | [`Client::sync`] |
//! | find an owner's chains | [`Client::chains_of`] |
//! | show something to others | [`Client::prove_entry`], [`Client::prove_state`], [`Proof`] |

mod clock;
mod core;
mod deliver;
mod desk;
mod discover;
mod error;
mod facts;
mod follow;
pub mod local;
mod members;
mod order;
mod policy;
mod proof;
mod read;
mod receive;
mod repair;
mod settle;
mod signer;
mod streams;
mod submit;
mod sync;

pub use crate::core::{Client, Options, Stepped};
pub use clock::Clock;
pub use error::{DiscoverError, OpenError, QueryError, SubmitError, SyncError};
pub use facts::StreamEvent;
pub use follow::{Following, Incoming, News};
pub use myceline_node::{Bill, Cost, Meter, rows::RequestId};
pub use myceline_sessions::Statement;
pub use policy::{MessagePolicy, Treatment};
pub use proof::{Claim, Proof, Unproven};
pub use signer::{MemorySigner, SignError, Signer};
pub use submit::{FinalBlock, Submission};
pub use sync::Synced;
