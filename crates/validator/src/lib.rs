//! A validator: drives everybody's chains and holds the vote key.
//!
//! What is decided about a chain is in the crates below; what is made durable, and when anything is said, is the local
//! node's business. Here is what hangs on it: the gateway that answers calls, notifications, catching up, monitoring.

pub mod catch_up;
pub mod config;
pub mod gateway;
pub mod hub;
pub mod latest;
pub mod metrics;
pub mod monitor;
pub mod producer;
pub mod validator;

pub use config::Config;
pub use gateway::Gateway;
pub use hub::Hub;
pub use latest::Latest;
pub use metrics::Metrics;
pub use monitor::Watching;
pub use producer::Producer;
pub use validator::{Guests, StartError, Validator};
