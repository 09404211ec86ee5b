//! A price from a server. Every validator asks for itself, and answers differ in times, headers and the last digits; so the request
//! says what of the answer counts: one number in its JSON, rounded. On that they agree, and that is what the block keeps.

mod request;
mod state;

pub use request::{DECIMALS, price_of, request};
pub use state::{OracleState, Price};

use async_graphql::{Request, Response};
use myceline_sdk::{ContractAbi, Describe, Mutations, ServiceAbi, types::Amount};
use serde::{Deserialize, Serialize};

/// The interface of the oracle.
#[derive(Clone, Copy, Debug)]
pub struct PriceOracleAbi;

/// Where the price is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Parameters {
    /// The page, on a server that the network's policy names.
    pub url: String,
    /// Where in its JSON the price is, by RFC 6901: `/coin/usd`.
    pub pointer: String,
}

/// What the oracle is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Asks the server, and keeps the price.
    Update,
    /// Answers the last price, for applications that need one.
    Last {
        /// It must not be older than so many seconds.
        seconds: u32,
    },
}

impl ContractAbi for PriceOracleAbi {
    type Operation = Operation;
    /// The price.
    type Response = Amount;
}

impl ServiceAbi for PriceOracleAbi {
    type Query = Request;
    type QueryResponse = Response;
}
