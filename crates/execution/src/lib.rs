//! Deterministic execution of blocks: system operations, messages, cursors and links, metering by the policy.
//!
//! Pure: what it reads comes from a snapshot, what it needs and does not find is an answer, what it does is a value.
//! It does not know rounds, votes or which bundles have arrived: that is the chain's business.

mod accounts;
mod acts;
pub mod engine;
mod fees;
mod host;
mod messages;
mod meter;
mod operations;
pub mod problem;
mod record;
pub mod run;
mod session;
pub mod system;
pub mod web;
pub mod world;

pub use engine::{Engine, NativeOnly};
pub use fees::{Bill, Cost};
pub use meter::Meter;
pub use problem::{Need, Problem, Stop};
pub use run::{Answered, BlockFacts, Done, Failure, Run, execute, initial_state};
pub use system::{Config, Emitted, Subscription, System};
pub use web::{Offline, Web};
pub use world::{Answers, Environment, Nowhere, Oracle, World, web_key};
