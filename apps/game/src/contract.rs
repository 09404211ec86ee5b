//! The contract of the game.
#![cfg_attr(target_arch = "wasm32", no_main)]

use game::{Board, Game, GameAbi, GameState, Message, Operation};
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Amount, ChainId, Owner, OwnerSet, Ownership, Permissions, TimeDelta},
};

/// Rounds in which either player may make the next block.
const OPEN_ROUNDS: u32 = 10;

struct FourInARow {
    state: GameState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(FourInARow);

impl WithContractAbi for FourInARow {
    type Abi = GameAbi;
}

impl Contract for FourInARow {
    type Message = Message;
    type Parameters = ();
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        FourInARow { state: GameState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Option<ChainId> {
        match operation {
            Operation::Start { first, second, seconds, balance } => {
                return Some(self.start([first, second], seconds, balance));
            }
            Operation::Drop { column } => self.drop(column),
            Operation::CallTime => self.call_time(),
            Operation::Resign => self.resign(),
        }
        None
    }

    fn execute_message(&mut self, message: Message) {
        let origin = self.runtime.message_origin_chain_id().expect("a message comes from somewhere");
        match message {
            Message::Begin { players, seconds } => self.begin(players, seconds, origin),
            Message::Result { winner } => self.state.results.insert(&origin, winner),
        }
    }
}

impl FourInARow {
    fn start(&mut self, players: [Owner; 2], seconds: u32, balance: Amount) -> ChainId {
        assert_ne!(players[0], players[1], "a game has two players");
        let itself = self.runtime.application_id();
        let regular = players.into_iter().map(|player| (player, 1)).collect();
        let owners = OwnerSet { regular, multi_leader_rounds: OPEN_ROUNDS, ..OwnerSet::default() };
        let permissions =
            Permissions { operations: Some(vec![itself]), manage_chain: vec![itself], ..Permissions::default() };
        let chain = self.runtime.open_chain(Ownership::owners(owners), permissions, balance);
        self.runtime.send_message(chain, Message::Begin { players, seconds });
        chain
    }

    /// The clock of who begins runs from when the first block takes this in.
    fn begin(&mut self, players: [Owner; 2], seconds: u32, home: ChainId) {
        assert_eq!(self.state.game.get(), None, "a chain is for one game");
        let left = [TimeDelta::from_millis(u64::from(seconds) * 1_000); 2];
        let since = self.runtime.system_time();
        self.state.game.set(Some(Game { players, board: Board::default(), turn: 0, left, since, home }));
    }

    fn drop(&mut self, column: u8) {
        let mut game = self.game();
        let now = self.runtime.system_time();
        assert_eq!(self.player(&game), game.turn, "it is the other one's turn");
        let left = game.time_left(now).expect("your time is over");
        game.board.drop(game.turn, column).unwrap_or_else(|| panic!("column {column} takes no stone"));
        if game.board.has_four(game.turn) {
            let winner = game.players[game.turn];
            return self.end(game, Some(winner));
        }
        if game.board.is_full() {
            return self.end(game, None);
        }
        game.left[game.turn] = left;
        (game.turn, game.since) = (1 - game.turn, now);
        self.state.game.set(Some(game));
    }

    fn call_time(&mut self) {
        let game = self.game();
        let caller = self.player(&game);
        assert_ne!(caller, game.turn, "it is your own turn");
        if let Some(left) = game.time_left(self.runtime.system_time()) {
            panic!("there are {left} left");
        }
        let winner = game.players[caller];
        self.end(game, Some(winner));
    }

    fn resign(&mut self) {
        let game = self.game();
        let winner = game.players[1 - self.player(&game)];
        self.end(game, Some(winner));
    }

    fn end(&mut self, game: Game, winner: Option<Owner>) {
        self.runtime.send_message(game.home, Message::Result { winner });
        self.state.game.set(Some(game));
        self.runtime.close_chain();
    }

    fn game(&self) -> Game {
        self.state.game.get().expect("there is no game on this chain")
    }

    /// Which player acts.
    fn player(&self, game: &Game) -> usize {
        let signer = self.runtime.authenticated_owner();
        let place = game.players.iter().position(|player| Some(*player) == signer);
        place.expect("only the two players play")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{Hash, Timestamp},
    };

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const BOB: Owner = Owner::Ed25519([2; 32]);
    const HOME: ChainId = ChainId(Hash([9; 32]));

    /// A game of Ann and Bob, who have ten seconds each.
    fn game(mock: &Mock) -> FourInARow {
        mock.with(|world| world.set_message(HOME, false));
        let mut game = FourInARow::load(mock.contract_runtime());
        game.execute_message(Message::Begin { players: [ANN, BOB], seconds: 10 });
        game
    }

    fn play(mock: &Mock, game: &mut FourInARow, player: Owner, second: u64, operation: Operation) {
        mock.with(|world| {
            world.set_signer(player);
            world.facts.timestamp = Timestamp(second * 1_000_000);
        });
        game.execute_operation(operation);
    }

    #[test]
    fn four_stones_end_the_game_and_the_chain() {
        let mock = Mock::new();
        let mut game = game(&mock);
        for (turn, column) in [0, 1, 0, 1, 0, 1, 0].into_iter().enumerate() {
            play(&mock, &mut game, [ANN, BOB][turn % 2], 1, Operation::Drop { column });
        }
        assert_eq!(mock.sent(), [(HOME, Message::Result { winner: Some(ANN) })]);
        assert!(mock.with(|world| world.is_closed));
    }

    #[test]
    fn the_clock_runs_for_who_thinks() {
        let mock = Mock::new();
        let mut game = game(&mock);
        play(&mock, &mut game, ANN, 4, Operation::Drop { column: 0 });
        play(&mock, &mut game, BOB, 13, Operation::Drop { column: 0 });
        let left = game.game().left.map(|left| left.0 / 1_000_000);
        assert_eq!(left, [6, 1]);
        play(&mock, &mut game, BOB, 20, Operation::CallTime);
        assert_eq!(mock.sent(), [(HOME, Message::Result { winner: Some(BOB) })]);
    }

    #[test]
    #[should_panic = "your time is over"]
    fn a_late_stone_does_not_count() {
        let mock = Mock::new();
        let mut game = game(&mock);
        play(&mock, &mut game, ANN, 11, Operation::Drop { column: 0 });
    }

    #[test]
    #[should_panic = "the other one's turn"]
    fn nobody_plays_twice() {
        let mock = Mock::new();
        let mut game = game(&mock);
        play(&mock, &mut game, BOB, 1, Operation::Drop { column: 0 });
    }

    #[test]
    #[should_panic = "left"]
    fn nobody_calls_time_too_early() {
        let mock = Mock::new();
        let mut game = game(&mock);
        play(&mock, &mut game, BOB, 10, Operation::CallTime);
    }
}
