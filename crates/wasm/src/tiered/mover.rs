//! A guest that moves from the interpreter to machine code in the middle of what it does.
//!
//! All that a guest is, it is by what it was told. So whoever has kept that makes another guest of the compiled module, tells it the
//! same, and has one that stands where the first stood. It is there in a fraction of the time that the first took.

use super::{Compiler, Tier};
use crate::limits::{TOLD_BYTES_MAX, TOLD_TIMES_MAX};
use myceline_execution::engine::{Guest, Input, Turn};
use myceline_types::guest::Entry;
use std::{
    mem::{Discriminant, discriminant},
    sync::{Arc, atomic::Ordering},
};

/// A guest of the interpreter that may move.
pub struct Mover {
    guest: Box<dyn Guest>,
    /// None when it has moved, and when it was told too much.
    past: Option<Past>,
    tier: Arc<Tier>,
    compiler: Arc<Compiler>,
}

/// What a guest was told, and what came of it.
#[derive(Default)]
struct Past {
    told: Vec<(Told, i64)>,
    bytes: usize,
    /// What the last turn was, and what was left of the fuel.
    end: Option<(Discriminant<Turn>, i64)>,
}

enum Told {
    Call(Entry, Vec<u8>),
    Answer(Vec<u8>),
    Fuel,
}

impl Mover {
    /// A guest at rest that was never called.
    pub fn new(guest: Box<dyn Guest>, tier: Arc<Tier>, compiler: Arc<Compiler>) -> Mover {
        Mover { guest, past: Some(Past::default()), tier, compiler }
    }

    /// Moves, if there is somewhere to go and the way is known.
    fn move_on(&mut self) {
        let Some(past) = &self.past else { return };
        let Some(mut guest) = self.compiler.guest(&self.tier) else { return };
        if past.tell(&mut *guest) {
            self.guest = guest;
        }
        self.past = None;
    }

    /// Asks for machine code when the module's guests have burnt enough.
    fn count(&self, burnt: i64) {
        self.tier.burnt.fetch_add(burnt.max(0).unsigned_abs(), Ordering::Relaxed);
        self.compiler.ask_if_hot(&self.tier);
    }
}

impl Guest for Mover {
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
        self.move_on();
        let Some(past) = &mut self.past else { return self.guest.resume(input, fuel) };
        let (told, given) = (Told::of(input), *fuel);
        let turn = self.guest.resume(input, fuel);
        past.note(told, given, &turn, *fuel);
        if past.is_long() {
            self.past = None;
        }
        self.count(given.saturating_sub(*fuel));
        turn
    }
}

impl Past {
    fn note(&mut self, told: Told, given: i64, turn: &Turn, left: i64) {
        self.bytes += told.len();
        self.told.push((told, given));
        self.end = Some((discriminant(turn), left));
    }

    fn is_long(&self) -> bool {
        self.bytes > TOLD_BYTES_MAX || self.told.len() > TOLD_TIMES_MAX
    }

    /// Tells another guest the same. Whether the same came of it, as it must; if not, the first had better stay.
    fn tell(&self, guest: &mut dyn Guest) -> bool {
        let Some((turn, left)) = &self.end else { return true };
        let last = self.told.iter().map(|(told, given)| {
            let mut fuel = *given;
            (guest.resume(told.input(), &mut fuel), fuel)
        });
        last.last().is_some_and(|(found, fuel)| discriminant(&found) == *turn && fuel == *left)
    }
}

impl Told {
    fn of(input: Input<'_>) -> Told {
        match input {
            Input::Call(entry, argument) => Told::Call(entry, argument.to_vec()),
            Input::Answer(answer) => Told::Answer(answer.to_vec()),
            Input::Fuel => Told::Fuel,
        }
    }

    fn input(&self) -> Input<'_> {
        match self {
            Told::Call(entry, argument) => Input::Call(*entry, argument),
            Told::Answer(answer) => Input::Answer(answer),
            Told::Fuel => Input::Fuel,
        }
    }

    fn len(&self) -> usize {
        match self {
            Told::Call(_, bytes) | Told::Answer(bytes) => bytes.len(),
            Told::Fuel => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{METERING, instrument, interpreted::Portable, single::Backend, tiered::Tiered};
    use myceline_execution::engine::{CodeLimits, Trap};

    /// Sums up the bytes of answers, and loops in between.
    const SUMS: &str = r#"(module
        (import "myceline" "ask" (func $ask (param i32 i32 i32) (result i32)))
        (import "myceline" "take" (func $take (param i32)))
        (memory (export "memory") 1) (global $sum (mut i64) (i64.const 0))
        (func (export "execute_operation") (param i32) (result i64) (local i32)
            (loop
                (local.set 1 (i32.const 2000))
                (loop (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
                (drop (call $ask (i32.const 1) (i32.const 0) (i32.const 0)))
                (call $take (i32.const 0))
                (global.set $sum (i64.add (global.get $sum) (i64.load (i32.const 0))))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i64.store (i32.const 0) (global.get $sum))
            (i64.const 8))
        (func (export "execute_message") (param i32) (result i64) unreachable))"#;

    const PORTION: i64 = 3_000;

    fn tiered() -> (Tiered, Arc<Tier>) {
        let code = wat::parse_str(SUMS).expect("a module");
        let limits = CodeLimits { metering: METERING, memory_pages: 1 };
        // Nothing here is compiled before it is said so.
        let engine = Tiered::new(u64::MAX).expect("an engine");
        let tier = engine.tier(instrument::instrument(&code, limits).expect("a module"));
        (engine, tier)
    }

    fn mover(engine: &Tiered, tier: &Arc<Tier>) -> Mover {
        let portable = Portable::new().expect("an interpreter");
        let guest = portable.guest(&portable.load(&tier.code).expect("a module")).expect("a guest");
        Mover::new(guest, tier.clone(), engine.compiler.clone())
    }

    /// Compiles the module before the step of this number, and gives all turns, with the fuel left after each.
    fn turns(compiled_before: usize) -> (Vec<(Turn, i64)>, bool) {
        let (engine, tier) = tiered();
        let mut guest = mover(&engine, &tier);
        let (mut fuel, mut turns) = (0, Vec::new());
        let mut input = Input::Call(Entry::Operation, b"123");
        for step in 0.. {
            if step == compiled_before {
                engine.compiler.compile(&tier);
            }
            fuel += PORTION;
            let turn = guest.resume(input, &mut fuel);
            turns.push((turn.clone(), fuel));
            match turn {
                Turn::Hungry => input = Input::Fuel,
                Turn::Asks(..) => input = Input::Answer(&[7, 1, 0, 0, 0, 0, 0, 0]),
                Turn::Returns(_) => break,
                turn => panic!("{turn:?}"),
            }
        }
        (turns, guest.past.is_none())
    }

    #[test]
    fn wherever_it_moves_it_goes_on_as_if_it_had_not() {
        let (stayed, has_moved) = turns(usize::MAX);
        assert!(!has_moved && stayed.len() > 9, "{}", stayed.len());
        let sum = 3 * (7 + 256_i64);
        assert!(matches!(stayed.last(), Some((Turn::Returns(bytes), _)) if *bytes == sum.to_le_bytes()));
        for step in 0..stayed.len() {
            assert_eq!(turns(step), (stayed.clone(), true), "moved before step {step}");
        }
    }

    #[test]
    fn what_it_knows_from_calls_before_comes_along() {
        let (engine, tier) = tiered();
        let mut guest = mover(&engine, &tier);
        let mut call = || {
            let mut fuel = 1_000_000;
            let turn = guest.resume(Input::Call(Entry::Operation, b"1"), &mut fuel);
            assert!(matches!(turn, Turn::Asks(..)), "{turn:?}");
            guest.resume(Input::Answer(&[1, 0, 0, 0, 0, 0, 0, 0]), &mut fuel)
        };
        assert_eq!(call(), Turn::Returns(1_i64.to_le_bytes().to_vec()));
        engine.compiler.compile(&tier);
        assert_eq!(call(), Turn::Returns(2_i64.to_le_bytes().to_vec()));
    }

    #[test]
    fn what_has_trapped_stays_dead_where_it_moves_to() {
        let (engine, tier) = tiered();
        let mut guest = mover(&engine, &tier);
        let mut call = || guest.resume(Input::Call(Entry::Message, b""), &mut 1_000_000);
        assert_eq!(call(), Turn::Traps(Trap::Unreachable));
        engine.compiler.compile(&tier);
        assert_eq!(call(), Turn::Traps(Trap::Unreachable));
    }

    #[test]
    fn who_was_told_too_much_stays() {
        let (engine, tier) = tiered();
        let mut guest = mover(&engine, &tier);
        let mut fuel = i64::MAX;
        let argument = vec![0; TOLD_BYTES_MAX + 1];
        assert!(matches!(guest.resume(Input::Call(Entry::Operation, &argument), &mut fuel), Turn::Asks(..)));
        engine.compiler.compile(&tier);
        assert!(matches!(guest.resume(Input::Answer(&[]), &mut fuel), Turn::Asks(..)));
        assert!(guest.past.is_none());
    }
}
