//! One step of one chain: what the chain decides and what execution does, over a snapshot, as one batch of rows and the
//! answers that leave once it is durable. Shared by validators, clients and the simulator.
//!
//! Synchronous and without input or output of its own. A [`Cell`] is a loaded chain; a step is tried on a copy of where it
//! stands, so that rows which are not at hand ([`Lacking`]) cost a second try and nothing else. A [`Sealer`] makes one
//! group of many steps: one batch, one signature.

mod candidate;
mod cell;
mod certify;
mod facts;
mod group;
mod known_blobs;
pub mod layout;
mod leave;
mod network;
pub mod owner;
mod propose;
pub mod read;
mod refuse;
pub mod rows;
mod stage;
mod step;
mod stopped;
mod vote_key;
mod work;

pub use candidate::Candidate;
pub use cell::{Cell, Lacking, Moment, Patience, Role, Trial};
pub use facts::{keep_facts, source};
pub use group::{Committed, Sealed, Sealer};
pub use known_blobs::KnownBlobs;
pub use myceline_execution::system::{Emitted, emitted_entry};
pub use myceline_execution::{
    Answered, Answers, Bill, Cost, Engine, Meter, NativeOnly, Need, Offline, Problem, Subscription, Web, engine, web,
    web_key,
};
pub use network::{InvalidNetwork, Network};
pub use stage::{Draft, Queried, Staged};
pub use step::{Answer, Retry, Step, TimeoutParts};
pub use vote_key::VoteKey;
pub use work::Work;
