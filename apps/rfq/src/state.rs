//! Questions and answers on the chains of people, and on the chain of an exchange what was brought.

use crate::{Side, Tokens};
use async_graphql::SimpleObject;
use myceline_sdk::{
    Map, Queue, Register, State,
    types::{Amount, ApplicationId, ChainId, Owner},
};
use serde::{Deserialize, Serialize};

/// What is kept.
#[derive(Debug, State)]
pub struct RfqState {
    /// Questions of this chain, by number.
    pub asked: Map<u64, Asked>,
    /// Questions of other chains to this one, by chain and number.
    pub questions: Map<(ChainId, u64), Asked>,
    /// What this chain was promised to bring, by the chain of the exchange.
    pub invitations: Map<ChainId, (Owner, Tokens)>,
    /// What was brought to this chain before it was told of an exchange: messages of two chains come in any order.
    pub early: Queue<Side>,
    /// The exchange of this chain.
    pub exchange: Register<Option<Exchange>>,
    /// How many questions there were.
    pub count: Register<u64>,
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Asked {
    /// Who asks.
    pub owner: Owner,
    /// The chain that is asked.
    pub of: ChainId,
    /// What is offered.
    pub sell: Tokens,
    /// The token that is wanted.
    pub buy: ApplicationId,
    /// The answer.
    pub quoted: Option<Quoted>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Quoted {
    /// Who gives it.
    pub owner: Owner,
    /// How much of the wanted token they would give.
    pub amount: Amount,
}

/// An exchange that is not complete.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// Who asked, and who answered.
    pub sides: [Side; 2],
    /// Who has brought what they promised.
    pub is_there: [bool; 2],
}
