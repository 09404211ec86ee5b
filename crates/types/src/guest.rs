//! What an application and its host say to each other, with canonical bytes: the whole guest interface, spelt once.
//!
//! A module exports its [`Entry`] points and imports two functions from the module `myceline`:
//!
//! ```text
//! ask(code: i32, at: i32, length: i32) -> i32     asks a question; gives the length of the answer
//! take(at: i32)                                   copies the answer, or the argument of the entry point, to memory
//! ```
//!
//! An entry point has the type `(length: i32) -> i64`: its argument has so many bytes and is fetched with `take`; what it
//! returns is at the address in the upper half, with the length in the lower half. A question is a [`Question`]: a code,
//! what is asked, and what is answered. What is not allowed ends the transaction and is not an answer.

mod facts;
mod http;
mod questions;

pub use facts::{CallFacts, Facts, MessageFacts, StreamUpdate};
pub use http::{HttpAnswer, HttpMethod, HttpRequest, Projection, server_of};
pub use questions::*;

use serde::{Serialize, de::DeserializeOwned};

/// The Wasm module that a guest imports from.
pub const IMPORTS: &str = "myceline";
/// The function by which a guest asks.
pub const ASK: &str = "ask";
/// The function by which a guest fetches what it was given.
pub const TAKE: &str = "take";
/// The longest key of an application's own state, in bytes.
pub const KEY_BYTES_MAX: usize = 900;
/// The longest name of an event stream, in bytes.
pub const STREAM_NAME_BYTES_MAX: usize = 64;

/// Something that a guest may ask or have done.
pub trait Question {
    /// Tells the questions apart.
    const CODE: u32;
    /// What is asked.
    type Asked: Serialize + DeserializeOwned;
    /// What is answered.
    type Answer: Serialize + DeserializeOwned;
}

/// Where the host calls a guest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Entry {
    /// Contract: the application is created on this chain. Argument: canonical bytes of the instantiation argument.
    Instantiate,
    /// Contract: an operation, or a call by another application. Returns the canonical bytes of the response.
    Operation,
    /// Contract: a message of the same application on another chain.
    Message,
    /// Contract: events came on streams that it follows. Argument: a list of [`StreamUpdate`].
    Streams,
    /// Contract: the transaction ends well; write what is only in memory. It may not call others any more.
    Store,
    /// Service: a query. Returns the answer.
    Query,
    /// Service: the application describes its types, as JSON. Asked by tools, never during a block.
    Describe,
}

impl Entry {
    /// What a contract exports.
    pub const CONTRACT: [Entry; 5] =
        [Entry::Instantiate, Entry::Operation, Entry::Message, Entry::Streams, Entry::Store];
    /// What a service exports. It may leave out the description.
    pub const SERVICE: [Entry; 2] = [Entry::Query, Entry::Describe];

    /// The name of the export.
    pub fn name(self) -> &'static str {
        match self {
            Entry::Instantiate => "instantiate",
            Entry::Operation => "execute_operation",
            Entry::Message => "execute_message",
            Entry::Streams => "process_streams",
            Entry::Store => "store",
            Entry::Query => "handle_query",
            Entry::Describe => "describe",
        }
    }
}

/// An address and a length as an entry point returns them.
pub fn pack(at: u32, length: u32) -> u64 {
    u64::from(at) << 32 | u64::from(length)
}

/// The inverse of [`pack`].
pub fn unpack(packed: u64) -> (u32, u32) {
    ((packed >> 32) as u32, (packed & 0xffff_ffff) as u32)
}
