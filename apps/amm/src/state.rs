//! What the exchange keeps, on its own chain.

use crate::Reserves;
use myceline_sdk::{
    Map, Register, State,
    types::{Amount, Owner},
};

/// The exchange.
#[derive(Debug, State)]
pub struct AmmState {
    /// What it holds.
    pub reserves: Register<Reserves>,
    /// Who has how many shares of it.
    pub shares: Map<Owner, Amount>,
}
