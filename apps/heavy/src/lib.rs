//! A check that takes long: whether a Mersenne number 2^p - 1 is prime, by the test of Lucas and Lehmer. Everybody can repeat it,
//! and every validator does; so it is a load for them, and a fair one.

mod mersenne;
mod state;

pub use mersenne::is_prime;
pub use state::HeavyState;

use async_graphql::{Request, Response};
use myceline_sdk::{ContractAbi, Describe, Mutations, ServiceAbi};
use serde::{Deserialize, Serialize};

/// The interface of the checker.
#[derive(Clone, Copy, Debug)]
pub struct HeavyAbi;

/// What the checker is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Finds out whether 2^exponent - 1 is prime, and keeps that. The work grows with the cube of the exponent: 521 takes
    /// milliseconds, 4423 about a second, 7001 several.
    Check {
        /// The exponent.
        exponent: u32,
    },
}

impl ContractAbi for HeavyAbi {
    type Operation = Operation;
    /// Whether it is prime.
    type Response = bool;
}

impl ServiceAbi for HeavyAbi {
    type Query = Request;
    type QueryResponse = Response;
}
