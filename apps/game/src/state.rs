//! What is kept of games: on the chain of a game, the game; on the chain that began it, how it ended.

use crate::Board;
use myceline_sdk::{
    Map, Register, State,
    types::{ChainId, Owner, TimeDelta, Timestamp},
};
use serde::{Deserialize, Serialize};

/// Games.
#[derive(Debug, State)]
pub struct GameState {
    /// The game of this chain.
    pub game: Register<Option<Game>>,
    /// How games that were begun here ended: who has won, or nobody.
    pub results: Map<ChainId, Option<Owner>>,
}

/// A game that is going on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Game {
    /// Who began, and who comes second.
    pub players: [Owner; 2],
    /// The stones.
    pub board: Board,
    /// Whose turn it is.
    pub turn: usize,
    /// How long each may still think.
    pub left: [TimeDelta; 2],
    /// Since when the one whose turn it is thinks.
    pub since: Timestamp,
    /// The chain that began the game.
    pub home: ChainId,
}

impl Game {
    /// What the one whose turn it is has left; `None` when that is over.
    pub fn time_left(&self, now: Timestamp) -> Option<TimeDelta> {
        self.left[self.turn].0.checked_sub(now.since(self.since).0).map(TimeDelta)
    }
}
