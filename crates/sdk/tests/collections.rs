//! State through the guest's questions: fields do not meet, pages join, families hold structs.

use myceline_sdk::{Family, Log, Map, Queue, Register, Set, State, mock::Mock, types::Owner};

#[derive(State)]
struct Board {
    title: Register<String>,
    scores: Map<u32, u64>,
    players: Set<Owner>,
    moves: Log<u8>,
    waiting: Queue<u16>,
    seats: Family<u8, Seat>,
}

#[derive(State)]
struct Seat {
    taken: Register<bool>,
    notes: Map<String, String>,
}

#[test]
fn fields_do_not_meet() {
    let mock = Mock::new();
    let mut board = Board::load(mock.storage());
    board.title.set("go".into());
    board.players.insert(&Owner::Ethereum([1; 20]));
    board.waiting.push(5);
    board.seats.of(&0).taken.set(true);
    board.seats.of(&1).notes.insert(&"a".into(), "b".into());
    assert_eq!(board.moves.push(9), 0);
    assert!(board.scores.iter().next().is_none());
    let again = Board::load(mock.storage());
    assert_eq!(again.title.get(), "go");
    assert!(again.players.contains(&Owner::Ethereum([1; 20])));
    assert!(again.seats.of(&0).taken.get() && !again.seats.of(&1).taken.get());
    assert_eq!(again.seats.of(&1).notes.iter().collect::<Vec<_>>(), [("a".into(), "b".into())]);
    assert_eq!((again.moves.get(0), again.waiting.front()), (Some(9), Some(5)));
}

#[test]
fn iterators_fetch_page_after_page() {
    let mock = Mock::new();
    let mut board = Board::load(mock.storage());
    for number in (0..1000).rev() {
        board.scores.insert(&number, u64::from(number) * 2);
    }
    (0..700).for_each(|number| board.waiting.push(number));
    assert_eq!(board.waiting.pop(), Some(0));
    assert!(board.scores.iter().eq((0..1000).map(|number| (number, u64::from(number) * 2))));
    assert!(board.waiting.iter().eq(1..700));
}
