//! Games on temporary chains of two players, on both engines at once.

use game::{GameAbi, Operation};
use myceline_sdk::types::{Amount, Holder, Owner};
use myceline_sdk_testing::{Application, Chain, Module, Network};
use std::time::Duration;

/// A game of Ann and Bob, begun on Ann's chain; both hold the same chain.
struct Story {
    network: Network,
    home: Chain,
    ann: Chain,
    bob: Chain,
    game: Application<GameAbi>,
}

impl Story {
    fn begin() -> Story {
        let network = Network::new();
        let (home, bob) = (network.chain(), network.chain());
        let game: Application<GameAbi> = home.create(home.publish(&Module::current()), &(), &());
        let purse = home.account_of(Owner::Application(game.id()));
        home.transfer(Holder::Chain, purse, Amount::from_tokens(10));
        let balance = Amount::from_tokens(10);
        let start = Operation::Start { first: home.owner(), second: bob.owner(), seconds: 60, balance };
        let chain = home.call(game, &start).expect("starting gives a chain");
        let (ann, bob) = (home.at(chain), bob.at(chain));
        ann.receive();
        Story { network, home, ann, bob, game }
    }

    fn drop(&self, player: &Chain, column: u8) {
        player.call(self.game, &Operation::Drop { column });
    }

    fn winner(&self) -> String {
        self.home.receive();
        let data = self.home.graphql(self.game, "{ results { chain winner } }");
        assert_eq!(data["results"][0]["chain"], self.ann.id().to_string());
        data["results"][0]["winner"].as_str().unwrap_or_default().to_string()
    }
}

#[test]
fn a_game_is_played_and_its_chain_closes() {
    let story = Story::begin();
    let Story { ann, bob, game, .. } = &story;
    for column in [0, 1, 2] {
        story.drop(ann, column);
        story.drop(bob, column);
    }
    let data = bob.graphql(*game, "{ board turn }");
    assert_eq!(data["board"][5], "xxx....");
    assert_eq!(data["turn"], ann.owner().to_string());
    let why = bob.fails(*game, &Operation::Drop { column: 3 });
    assert!(why.says("the other one's turn"), "{why}");
    story.drop(ann, 3);
    assert!(bob.is_closed());
    assert_eq!(story.winner(), ann.owner().to_string());
}

#[test]
fn who_thinks_too_long_loses() {
    let story = Story::begin();
    let Story { network, ann, bob, game, .. } = &story;
    story.drop(ann, 3);
    network.advance(Duration::from_secs(40));
    let why = ann.fails(*game, &Operation::CallTime);
    assert!(why.says("left"), "{why}");
    network.advance(Duration::from_secs(30));
    let why = bob.fails(*game, &Operation::Drop { column: 3 });
    assert!(why.says("your time is over"), "{why}");
    ann.call(*game, &Operation::CallTime);
    assert_eq!(story.winner(), ann.owner().to_string());
}

#[test]
fn a_player_gives_up() {
    let story = Story::begin();
    story.ann.call(story.game, &Operation::Resign);
    assert_eq!(story.winner(), story.bob.owner().to_string());
}
