//! An exchange of two fungible tokens: what it holds of both, multiplied, never falls. It lives on the chain that created it, and
//! is used from there or from any other chain.

mod pool;
mod state;

pub use pool::{PoolError, Reserves, mul_div};
pub use state::AmmState;

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Amount, ApplicationId, Owner},
};
use serde::{Deserialize, Serialize};

/// The interface of the exchange.
#[derive(Clone, Copy, Debug)]
pub struct AmmAbi;

/// What is exchanged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Parameters {
    /// The two fungible tokens, which differ.
    pub tokens: [ApplicationId; 2],
}

/// What the exchange is asked to do. Whoever asks from another chain is paid there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Gives one token and takes the other one.
    Swap {
        /// Who.
        owner: Owner,
        /// Which token is given: the first (0) or the second (1).
        give: u8,
        /// How much of it.
        amount: Amount,
        /// The least that is taken for it; where it is less, what was given comes back.
        at_least: Amount,
    },
    /// Gives both tokens for a share of the exchange. What is more than its present proportion comes back.
    Deposit {
        /// Who.
        owner: Owner,
        /// At most so much of the first token.
        first: Amount,
        /// At most so much of the second token.
        second: Amount,
    },
    /// Takes both tokens for shares.
    Withdraw {
        /// Who.
        owner: Owner,
        /// How many shares.
        shares: Amount,
    },
}

/// What other chains ask of the exchange. The tokens travel in the same bundle, before it.
pub type Message = Operation;

impl ContractAbi for AmmAbi {
    type Operation = Operation;
    type Response = ();
}

impl ServiceAbi for AmmAbi {
    type Query = Request;
    type QueryResponse = Response;
}
