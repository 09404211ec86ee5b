//! Request for quote. Somebody asks another chain for a price; the answer is accepted by opening a temporary chain of both, to which
//! each brings their tokens. When both are there they change hands, and the chain closes itself; until then either may withdraw.

mod state;

pub use state::{Asked, Exchange, Quoted, RfqState};

use async_graphql::{InputObject, Request, Response, SimpleObject};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Account, Amount, ApplicationId, ChainId, Owner},
};
use serde::{Deserialize, Serialize};

/// The interface of requests for quotes.
#[derive(Clone, Copy, Debug)]
pub struct RfqAbi;

/// Tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, InputObject, SimpleObject)]
#[graphql(input_name = "TokensInput")]
pub struct Tokens {
    /// The fungible token.
    pub token: ApplicationId,
    /// How much of it.
    pub amount: Amount,
}

/// Who brings what to an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Side {
    /// Where what the other one brings goes.
    pub home: Account,
    /// What is brought.
    pub brings: Tokens,
}

/// What somebody does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Asks a chain what it would give.
    Ask {
        /// Who asks.
        owner: Owner,
        /// The chain that is asked.
        of: ChainId,
        /// What it would get.
        sell: Tokens,
        /// The token that is wanted.
        buy: ApplicationId,
    },
    /// Answers a question.
    Quote {
        /// Who answers.
        owner: Owner,
        /// The chain that asks.
        from: ChainId,
        /// The number of its question.
        number: u64,
        /// What is given.
        amount: Amount,
    },
    /// Accepts an answer: opens the chain of the exchange at the expense of the application's own account here, and brings what was
    /// promised.
    Accept {
        /// The number of the question.
        number: u64,
        /// What the chain has for its blocks.
        balance: Amount,
    },
    /// Brings what was promised to an exchange to which one was invited.
    Settle {
        /// Its chain.
        exchange: ChainId,
    },
    /// Ends an exchange that is not complete, and gives back what is there. On its chain only.
    Withdraw,
}

/// What chains say to each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// What would you give?
    Ask {
        /// The number of the question.
        number: u64,
        /// Who asks.
        owner: Owner,
        /// What is offered.
        sell: Tokens,
        /// The token that is wanted.
        buy: ApplicationId,
    },
    /// I would give so much.
    Quote {
        /// The number of the question.
        number: u64,
        /// Who answers.
        owner: Owner,
        /// How much.
        amount: Amount,
    },
    /// To a new chain: who brings what.
    Begin {
        /// Who asked, and who answered.
        sides: [Side; 2],
    },
    /// There is a chain for our exchange.
    Invite {
        /// The chain.
        exchange: ChainId,
        /// What the one who is invited brings.
        brings: Tokens,
        /// Whose it is.
        owner: Owner,
    },
    /// To the chain of the exchange, behind the tokens.
    Deposit {
        /// Whose they were.
        owner: Owner,
        /// What they are.
        brings: Tokens,
    },
}

impl ContractAbi for RfqAbi {
    type Operation = Operation;
    /// The chain of the exchange that was accepted.
    type Response = Option<ChainId>;
}

impl ServiceAbi for RfqAbi {
    type Query = Request;
    type QueryResponse = Response;
}
