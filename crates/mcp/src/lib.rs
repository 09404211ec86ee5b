//! What AI agents talk to: applications and the wallet's chains as tools of the Model Context Protocol.
//!
//! ```text
//!   an application ──► interface ──► toolbox      tools with JSON schemas, made once from what applications say of themselves
//!                                       │
//!   an agent ──► server ──► call ──► perform ──► node      one call becomes one request, carried out by the wallet's node
//!                  ▲                    │
//!                  └───── answer ◄──────┘          what came of it, or what went wrong and what to do, in bounded size
//! ```
//!
//! What is decided is decided in functions of their arguments: from an introspection to tools, from a call to a request,
//! from an outcome to an answer. The protocol itself is its makers' crate; here it only carries.

mod answer;
mod application;
mod call;
mod document;
mod graphql;
mod http;
mod interface;
mod json_schema;
mod names;
mod perform;
mod resource;
mod sdl;
mod server;
mod stdio;
mod tool;
mod toolbox;
mod wallet;

pub use http::{PATH, router};
pub use interface::Interface;
pub use server::Server;
pub use stdio::serve;
pub use toolbox::Settings;

/// A JSON object, as schemas and arguments are.
type Object = serde_json::Map<String, serde_json::Value>;
