//! The board: seven columns of six stones each, as one bit for each place and player.

use serde::{Deserialize, Serialize};

/// Columns of the board.
pub const COLUMNS: u8 = 7;
/// Stones that a column takes.
pub const ROWS: u8 = 6;
/// Bits of a column: one more than there are stones, so that no line goes on in the next column.
const STRIDE: u8 = ROWS + 1;

/// The stones of both players.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Board {
    stones: [u64; 2],
}

impl Board {
    /// Drops a stone of a player. `None` where there is no such column, or no room in it.
    pub fn drop(&mut self, player: usize, column: u8) -> Option<()> {
        let row = (column < COLUMNS).then(|| (0..ROWS).find(|row| self.at(column, *row).is_none()))??;
        self.stones[player] |= bit(column, row);
        Some(())
    }

    /// Whose stone is at a place.
    pub fn at(&self, column: u8, row: u8) -> Option<usize> {
        (0..2).find(|player| self.stones[*player] & bit(column, row) != 0)
    }

    /// Whether a player has four in a row: up, along, or either way across.
    pub fn has_four(&self, player: usize) -> bool {
        let stones = self.stones[player];
        [1, STRIDE, STRIDE - 1, STRIDE + 1].into_iter().any(|step| {
            let pairs = stones & stones >> step;
            pairs & pairs >> (2 * step) != 0
        })
    }

    /// Whether no column has room.
    pub fn is_full(&self) -> bool {
        (0..COLUMNS).all(|column| self.at(column, ROWS - 1).is_some())
    }

    /// The rows from the top, with `x` for who began, `o` for the other one and a dot for nobody.
    pub fn rows(&self) -> Vec<String> {
        let mark = |column, row| match self.at(column, row) {
            Some(0) => 'x',
            Some(_) => 'o',
            None => '.',
        };
        (0..ROWS).rev().map(|row| (0..COLUMNS).map(|column| mark(column, row)).collect()).collect()
    }
}

fn bit(column: u8, row: u8) -> u64 {
    1 << (column * STRIDE + row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The board after stones were dropped into these columns in turn.
    fn after(columns: &[u8]) -> Board {
        let mut board = Board::default();
        for (turn, column) in columns.iter().enumerate() {
            board.drop(turn % 2, *column).expect("there is room");
        }
        board
    }

    #[test]
    fn stones_pile_up() {
        let board = after(&[3, 3, 2]);
        assert_eq!(&board.rows()[4..], ["...o...", "..xx..."]);
        assert!(!board.has_four(0) && !board.is_full());
    }

    #[test]
    fn four_in_a_row_in_every_direction() {
        assert!(after(&[0, 1, 0, 1, 0, 1, 0]).has_four(0), "up");
        assert!(after(&[0, 0, 1, 1, 2, 2, 3]).has_four(0), "along");
        assert!(after(&[0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3]).has_four(0), "across, to the right");
        assert!(after(&[6, 5, 5, 4, 4, 3, 4, 3, 3, 0, 3]).has_four(0), "across, to the left");
        assert!(after(&[6, 0, 5, 0, 5, 0, 6, 0]).has_four(1), "the other one");
    }

    #[test]
    fn no_line_goes_around_the_edge() {
        // Three at the top of one column and one at the foot of the next.
        let mut board = Board::default();
        for player in [1, 1, 1, 0, 0, 0] {
            board.drop(player, 2).unwrap();
        }
        board.drop(0, 3).unwrap();
        assert!(!board.has_four(0));
    }

    #[test]
    fn a_full_column_takes_no_more() {
        let mut board = after(&[1, 1, 1, 1, 1, 1]);
        assert_eq!(board.drop(0, 1), None);
        assert_eq!(board.drop(0, COLUMNS), None);
    }

    #[test]
    fn a_full_board_is_full() {
        let mut board = Board::default();
        for stone in 0..COLUMNS * ROWS {
            assert!(!board.is_full());
            board.drop(usize::from(stone % 2), stone / ROWS).unwrap();
        }
        assert!(board.is_full());
    }
}
