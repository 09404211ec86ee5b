//! The `myceline` command line: one file per command in `command`, and what all of them share.
//!
//! A command takes its arguments and a [`Context`], and answers with one [`Report`](output::Report), or with a
//! [`CliError`] that says what to do next. Nothing here knows the rules of the protocol.

mod access;
mod application;
mod arguments;
mod book;
mod command;
pub mod context;
pub mod document;
mod engine;
pub mod error;
mod http;
mod interrupt;
mod kept;
pub mod keystore;
pub mod live;
pub mod output;
pub mod pass;
pub mod password;
mod project;
mod scheduling;
pub mod timeline;
mod visit;
pub mod wallet;

pub use arguments::main;
pub use context::Context;
pub use error::{CliError, Code};
