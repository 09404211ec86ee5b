//! A number on every chain. What others need to know to talk to it.

mod state;

pub use state::CounterState;

use async_graphql::{Request, Response};
use myceline_sdk::{ContractAbi, Describe, Mutations, ServiceAbi};
use serde::{Deserialize, Serialize};

/// The interface of the counter.
#[derive(Clone, Copy, Debug)]
pub struct CounterAbi;

/// What the counter is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Adds to the number.
    Increment {
        /// How much.
        by: u64,
    },
}

impl ContractAbi for CounterAbi {
    type Operation = Operation;
    /// The number afterwards.
    type Response = u64;
}

impl ServiceAbi for CounterAbi {
    type Query = Request;
    type QueryResponse = Response;
}
