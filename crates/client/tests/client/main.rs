//! Clients against real validators in one process.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

mod following;
mod kit;
mod local;
mod racing;
mod submitting;
mod trips;
