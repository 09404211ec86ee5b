//! Tokens on many chains. What others need to know to use them.

mod state;

pub use state::FungibleState;

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Account, Amount, Holder, Owner},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The interface of fungible tokens. Other applications can offer the same one.
#[derive(Clone, Copy, Debug)]
pub struct FungibleAbi;

/// What a token is called, on every chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Parameters {
    /// A short name, such as `GLD`.
    pub ticker: String,
}

/// Who has how much at first, on the chain that creates the token.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, Describe)]
pub struct Supply {
    /// Amounts by their owners.
    pub accounts: BTreeMap<Owner, Amount>,
}

/// What the token is asked to do. Owners are people or applications; chains own nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Does nothing but answer what somebody has here.
    Balance {
        /// Who.
        owner: Owner,
    },
    /// Moves tokens, on this chain or to another one.
    Transfer {
        /// Whose.
        owner: Owner,
        /// How many.
        amount: Amount,
        /// To whom, and on which chain.
        to: Account,
    },
    /// Lets somebody spend tokens on this chain. Replaces what was allowed before.
    Approve {
        /// Whose.
        owner: Owner,
        /// Who may.
        spender: Owner,
        /// How many in all.
        amount: Amount,
    },
    /// Moves tokens that their owner lets a spender spend.
    TransferFrom {
        /// Whose.
        owner: Owner,
        /// Who spends.
        spender: Owner,
        /// How many.
        amount: Amount,
        /// To whom, and on which chain.
        to: Account,
    },
    /// Moves tokens that the owner has on another chain.
    Claim {
        /// Where they are and whose they are.
        from: Account,
        /// How many.
        amount: Amount,
        /// To whom, and on which chain.
        to: Account,
    },
}

/// What the token's instances on different chains say to each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// Tokens arrive; or they come back to whom they came from, if nobody wants them.
    Credit {
        /// Whose they are now.
        target: Owner,
        /// Whose they were.
        source: Owner,
        /// How many.
        amount: Amount,
    },
    /// Their owner wants tokens from here.
    Withdraw {
        /// Whose.
        owner: Owner,
        /// How many.
        amount: Amount,
        /// To whom, and on which chain.
        to: Account,
    },
}

impl ContractAbi for FungibleAbi {
    type Operation = Operation;
    /// What the owner whom the operation names has on this chain afterwards.
    type Response = Amount;
}

impl ServiceAbi for FungibleAbi {
    type Query = Request;
    type QueryResponse = Response;
}

/// Whose account it is; chains themselves have none here.
pub fn owner_of(account: Account) -> Owner {
    match account.holder {
        Holder::Owner(owner) => owner,
        Holder::Chain => panic!("tokens belong to owners, and {account} names none"),
    }
}
