//! Stories about sessions, told with real chains and real signatures in one thread.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests stop at what must not happen")]

mod kit;
mod receiving;
mod repairing;
mod settling;
