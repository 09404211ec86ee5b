//! The wire, from both ends: real sockets on the loopback interface, a validator that does what each test says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bad_input;
mod fixture;
mod life;
mod limits;
mod proto;
mod raw;
mod round_trips;
mod stream;
mod subscriptions;
mod web;
