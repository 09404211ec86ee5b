//! A service over real validators in one process, asked through real sockets.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

mod applications;
mod asking;
mod http;
mod kit;
mod many;
mod streams;
mod system;
