//! The host's side of a guest, without an engine: where it stands, what may come next, what it pays for bytes.

use myceline_execution::engine::{EngineFault, Guest, Input, Trap, Turn};
use myceline_types::guest::Entry;

/// What a machine goes on with.
#[derive(Debug)]
pub enum Step {
    /// A call of an entry point.
    Call(Entry, Vec<u8>),
    /// The answer to what it asked.
    Answer(Vec<u8>),
    /// More fuel.
    Fuel,
}

/// A guest as an engine runs it. It is given only what it waits for, and nothing after it trapped.
pub trait Machine: Send {
    /// Runs until it stops.
    fn go(&mut self, step: Step, fuel: &mut i64) -> Turn;
}

/// What bytes cost that the host copies.
pub fn bytes_cost(bytes: usize) -> i64 {
    i64::try_from(bytes / 8).unwrap_or(i64::MAX)
}

/// A part of a guest's memory, where there is such a part.
pub fn part(memory: &[u8], at: u32, length: u32) -> Result<&[u8], Trap> {
    let start = usize::try_from(at).map_err(|_| Trap::BadPointer)?;
    let length = usize::try_from(length).map_err(|_| Trap::BadPointer)?;
    let end = start.checked_add(length).ok_or(Trap::BadPointer)?;
    memory.get(start..end).ok_or(Trap::BadPointer)
}

/// Writes to a guest's memory.
pub fn write(memory: &mut [u8], at: u32, bytes: &[u8]) -> Result<(), Trap> {
    let length = u32::try_from(bytes.len()).map_err(|_| Trap::BadPointer)?;
    part(memory, at, length)?;
    memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
    Ok(())
}

/// Why the code reached what is unreachable: a call that found no room for its frame says so before.
pub fn unreachable(room: i32) -> Trap {
    if room < 0 { Trap::Stack } else { Trap::Unreachable }
}

/// A guest that keeps to the order of things, and says nothing that it has not paid for.
pub struct Paced<M> {
    machine: M,
    standing: Standing,
}

/// Where a guest stands.
enum Standing {
    Resting,
    Asking,
    /// It stopped inside of its code.
    Hungry,
    /// It has something to say and owes fuel for it.
    Owing(Turn),
    Dead(Turn),
}

impl<M> Paced<M> {
    /// A guest at rest.
    pub fn new(machine: M) -> Paced<M> {
        Paced { machine, standing: Standing::Resting }
    }
}

impl<M: Machine> Guest for Paced<M> {
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
        let step = match (&mut self.standing, input) {
            (Standing::Dead(end), _) => return end.clone(),
            (Standing::Hungry | Standing::Owing(_), Input::Fuel) if *fuel < 0 => return Turn::Hungry,
            (Standing::Owing(turn), Input::Fuel) => {
                let turn = turn.clone();
                return self.stop(turn, *fuel);
            }
            (Standing::Hungry, Input::Fuel) => Step::Fuel,
            (Standing::Asking, Input::Answer(bytes)) => Step::Answer(bytes.to_vec()),
            (Standing::Resting, Input::Call(entry, argument)) => Step::Call(entry, argument.to_vec()),
            (_, input) => return Turn::Faults(EngineFault(format!("it was not waiting for {}", name(input)))),
        };
        let turn = self.machine.go(step, fuel);
        self.stop(turn, *fuel)
    }
}

impl<M> Paced<M> {
    fn stop(&mut self, turn: Turn, fuel: i64) -> Turn {
        let owes = fuel < 0 && matches!(turn, Turn::Asks(..) | Turn::Returns(_));
        self.standing = match &turn {
            _ if owes => {
                self.standing = Standing::Owing(turn);
                return Turn::Hungry;
            }
            Turn::Asks(..) => Standing::Asking,
            Turn::Returns(_) => Standing::Resting,
            Turn::Hungry => Standing::Hungry,
            Turn::Traps(_) | Turn::Faults(_) => Standing::Dead(turn.clone()),
        };
        turn
    }
}

fn name(input: Input<'_>) -> &'static str {
    match input {
        Input::Call(..) => "a call",
        Input::Answer(_) => "an answer",
        Input::Fuel => "fuel",
    }
}
