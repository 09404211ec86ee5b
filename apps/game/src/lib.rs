//! Four in a row. Each game is a temporary chain of its two players, who have a clock each; when it is over, the result goes to
//! the chain that began it, and the chain of the game closes itself.

mod board;
mod state;

pub use board::{Board, COLUMNS, ROWS};
pub use state::{Game, GameState};

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Amount, ChainId, Owner},
};
use serde::{Deserialize, Serialize};

/// The interface of the game.
#[derive(Clone, Copy, Debug)]
pub struct GameAbi;

/// What the game is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Opens a chain for a game. Its balance is taken from the application's own account on this chain.
    Start {
        /// Who begins.
        first: Owner,
        /// Who comes second.
        second: Owner,
        /// How many seconds each may think in all.
        seconds: u32,
        /// What the chain has for its blocks.
        balance: Amount,
    },
    /// Drops a stone into a column, counted from zero. On the chain of the game, by whose turn it is.
    Drop {
        /// Which column.
        column: u8,
    },
    /// Says that the other one has thought too long.
    CallTime,
    /// Gives up.
    Resign,
}

/// What the chains of games and the ones that began them say to each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// To a new chain: who plays.
    Begin {
        /// Who begins, and who comes second.
        players: [Owner; 2],
        /// How many seconds each may think in all.
        seconds: u32,
    },
    /// From a chain that is closing: who has won.
    Result {
        /// Nobody, where no column was left.
        winner: Option<Owner>,
    },
}

impl ContractAbi for GameAbi {
    type Operation = Operation;
    /// The chain of the game that was started.
    type Response = Option<ChainId>;
}

impl ServiceAbi for GameAbi {
    type Query = Request;
    type QueryResponse = Response;
}
