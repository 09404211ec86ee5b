//! A guest that runs in portions, and lets others run after each.

use myceline_node::engine::{Guest, Input, Turn};
use std::thread;

/// Fuel of a portion: a quarter of a millisecond. A system that has the choice lets a thread end its slice of some milliseconds
/// first, and every step of a short block would wait for that.
const PORTION: i64 = 1_000_000;

/// As [`Guest::resume`]. It stops and burns as it would at one go: that does not depend on portions.
pub(super) fn resume(guest: &mut dyn Guest, mut input: Input<'_>, fuel: &mut i64) -> Turn {
    loop {
        let given = PORTION.min(*fuel);
        let mut left = given;
        let turn = guest.resume(input, &mut left);
        *fuel = fuel.saturating_sub(given.saturating_sub(left));
        thread::yield_now();
        if turn != Turn::Hungry || *fuel < 0 {
            return turn;
        }
        input = Input::Fuel;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Fuel for a straight piece of code: it is begun while any is left.
    const PIECE: i64 = 300_000;

    /// Returns after so many pieces.
    pub struct Pieces(pub u32);

    impl Guest for Pieces {
        fn resume(&mut self, _: Input<'_>, fuel: &mut i64) -> Turn {
            while *fuel >= 0 && self.0 > 0 {
                self.0 -= 1;
                *fuel -= PIECE;
            }
            if *fuel < 0 { Turn::Hungry } else { Turn::Returns(Vec::new()) }
        }
    }

    struct InPortions(Pieces);

    impl Guest for InPortions {
        fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
            resume(&mut self.0, input, fuel)
        }
    }

    /// How often a guest stops for more fuel when it is given so much each time, and what it burns in all.
    pub fn run(mut guest: impl Guest, given: i64) -> (u32, i64) {
        let (mut fuel, mut in_all) = (0, 0);
        for stops in 0.. {
            fuel += given;
            in_all += given;
            match guest.resume(Input::Fuel, &mut fuel) {
                Turn::Hungry => (),
                Turn::Returns(_) => return (stops, in_all - fuel),
                turn => panic!("{turn:?}"),
            }
        }
        unreachable!("it returns")
    }

    #[test]
    fn a_guest_stops_and_burns_as_it_would_alone() {
        for given in [PIECE / 3, PORTION, 7 * PORTION / 2, 1 << 40] {
            let found = run(InPortions(Pieces(100)), given);
            assert_eq!(found, run(Pieces(100), given), "given {given}");
            assert_eq!(found.1, 100 * PIECE);
        }
    }
}
