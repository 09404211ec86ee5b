//! The rules one by one, as properties, and as a model that is searched; and the owner's side against real machines.
//! Signatures are symbols here: who may sign what is the subject, not how.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

mod kit;
mod model;
mod network;
mod planner;
mod properties;
mod rules;
mod trips;
