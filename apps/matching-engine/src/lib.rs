//! An order book for two fungible tokens. Each market is a temporary chain: orders come to it with their tokens as messages, what
//! is bought goes home at once, and in the end the market pays everything back and closes itself.

mod book;

pub use book::{Book, Order, Side, Trade};

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Amount, ApplicationId, ChainId, Owner},
};
use serde::{Deserialize, Serialize};

/// The interface of the matching engine.
#[derive(Clone, Copy, Debug)]
pub struct MatchingAbi;

/// What is traded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Parameters {
    /// The fungible token that is bought and sold.
    pub base: ApplicationId,
    /// The fungible token that is paid with.
    pub quote: ApplicationId,
}

/// What the engine is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Opens a market: a chain whose blocks these owners make, and that pays for them from this balance, which is taken from the
    /// engine's own account on this chain.
    Open {
        /// Who keeps the market.
        keepers: Vec<Owner>,
        /// What it has for its blocks.
        balance: Amount,
    },
    /// Sends an order to a market, with the tokens that it needs.
    Submit {
        /// Where.
        market: ChainId,
        /// Whose.
        owner: Owner,
        /// Whether it buys or sells.
        side: Side,
        /// The worst price, in the smallest units of what is paid for one of what is bought.
        price: u64,
        /// How much is bought or sold.
        quantity: Amount,
    },
    /// Takes back what is left of an order.
    Cancel {
        /// Where.
        market: ChainId,
        /// Whose.
        owner: Owner,
        /// Its number in the market.
        order: u64,
    },
    /// Pays everything back and closes the market. On its chain only.
    Close,
}

/// What chains of traders say to a market's. Tokens travel in the same bundle, before the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// An order.
    Submit {
        /// Whose.
        owner: Owner,
        /// Whether it buys or sells.
        side: Side,
        /// The worst price.
        price: u64,
        /// How much.
        quantity: Amount,
    },
    /// What is left of an order is wanted back.
    Cancel {
        /// Whose.
        owner: Owner,
        /// Its number.
        order: u64,
    },
}

impl ContractAbi for MatchingAbi {
    type Operation = Operation;
    /// The market that was opened.
    type Response = Option<ChainId>;
}

impl ServiceAbi for MatchingAbi {
    type Query = Request;
    type QueryResponse = Response;
}
