//! The service of the game, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use game::{GameAbi, GameState, Message, OperationMutations};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{ChainId, Owner},
};

struct GameService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(GameService, message: Message);

impl WithServiceAbi for GameService {
    type Abi = GameAbi;
}

impl Service for GameService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        GameService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let state = GameState::load(self.runtime.root_view_storage_context());
        graphql::answer(Query { state, runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    state: GameState,
    runtime: ServiceRuntime<GameService>,
}

/// How a game ended.
#[derive(SimpleObject)]
struct Ended {
    /// The chain of the game.
    chain: ChainId,
    /// Nobody, where no column was left.
    winner: Option<Owner>,
}

#[Object]
impl Query {
    /// The board of this chain's game: its rows from the top, `x` for who began.
    async fn board(&self) -> Option<Vec<String>> {
        Some(self.state.game.get()?.board.rows())
    }

    /// Whose turn it is.
    async fn turn(&self) -> Option<Owner> {
        let game = self.state.game.get()?;
        Some(game.players[game.turn])
    }

    /// How many seconds they have left.
    async fn seconds_left(&self) -> Option<u64> {
        let left = self.state.game.get()?.time_left(self.runtime.system_time());
        Some(left.map_or(0, |left| left.0 / 1_000_000))
    }

    /// How games ended that were begun on this chain.
    async fn results(&self) -> Vec<Ended> {
        self.state.results.iter().map(|(chain, winner)| Ended { chain, winner }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn a_chain_without_a_game_says_so() {
        let mock = Mock::new();
        let request = Request::new("{ board turn results { winner } }");
        let answer = GameService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"board":null,"turn":null,"results":[]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
