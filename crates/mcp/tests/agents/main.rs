//! Agents that use real applications on a real validator in one process: over a pipe, and over real sockets.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

mod kit;
mod offers;
mod pipe;
mod web;
