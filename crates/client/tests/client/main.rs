//! Clients against real validators in one process.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

mod facts;
mod following;
mod kit;
mod local;
mod long;
mod policies;
mod puppet;
mod racing;
mod streams;
mod submitting;
mod trips;
mod web;
