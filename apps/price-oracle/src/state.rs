//! The prices that a chain has seen.

use async_graphql::SimpleObject;
use myceline_sdk::{
    Log, State,
    types::{Amount, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The prices that a chain has seen.
#[derive(Debug, State)]
pub struct OracleState {
    /// In order.
    pub prices: Log<Price>,
}

/// A price at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Price {
    /// How much.
    pub price: Amount,
    /// When.
    pub time: Timestamp,
}

impl OracleState {
    /// The newest price.
    pub fn last(&self) -> Option<Price> {
        self.prices.len().checked_sub(1).and_then(|index| self.prices.get(index))
    }
}
