//! Applications whose every call says what they ask: what the host does with questions, without any Wasm.

use myceline_execution::engine::{CodeLimits, Engine, EngineFault, Guest, Input, InvalidModule, Trap, Turn};
use myceline_types::{
    BlobId, BlobKind, encoding,
    guest::{Entry, Question, StreamUpdate},
};
use std::collections::VecDeque;

/// Burns so much fuel: no question, the engine's own.
const BURN: u32 = u32::MAX;

/// What a puppet does in a call: questions in order, each with what is asked.
#[derive(Clone, Default)]
pub struct Strings(Vec<(u32, Vec<u8>)>);

impl Strings {
    /// Then asks this.
    pub fn ask<Q: Question>(mut self, asked: Q::Asked) -> Strings {
        self.0.push((Q::CODE, encoding::to_bytes(&asked)));
        self
    }

    /// Then asks something that is no question.
    pub fn mumble(self, code: u32) -> Strings {
        self.say(code, Vec::new())
    }

    /// Then says something that may be a question.
    pub fn say(mut self, code: u32, asked: Vec<u8>) -> Strings {
        self.0.push((code, asked));
        self
    }

    /// Then burns so much fuel.
    pub fn burn(mut self, fuel: u64) -> Strings {
        self.0.push((BURN, encoding::to_bytes(&fuel)));
        self
    }

    /// As the argument of a call. What it returns is the last answer.
    pub fn bytes(&self) -> Vec<u8> {
        encoding::to_bytes(&self.0)
    }
}

/// Makes puppets of any code.
pub struct Puppets;

struct Puppet {
    left: VecDeque<(u32, Vec<u8>)>,
    last: Vec<u8>,
    hunger: i64,
}

impl Engine for Puppets {
    fn check(&self, _: BlobKind, code: &[u8], _: CodeLimits) -> Result<(), InvalidModule> {
        if code.is_empty() { Err(InvalidModule("it is empty".into())) } else { Ok(()) }
    }

    fn cached(&self, _: BlobId, _: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        Ok(None)
    }

    fn instantiate(&self, _: BlobId, _: &[u8], _: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        Ok(Box::new(Puppet { left: VecDeque::new(), last: Vec::new(), hunger: 0 }))
    }
}

impl Guest for Puppet {
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
        match input {
            Input::Call(Entry::Store, _) => return Turn::Returns(Vec::new()),
            Input::Call(Entry::Streams, argument) => {
                let updates = encoding::from_bytes::<Vec<StreamUpdate>>(argument);
                return if updates.is_ok() { Turn::Returns(Vec::new()) } else { Turn::Traps(Trap::Unreachable) };
            }
            Input::Call(_, argument) => match encoding::from_bytes::<VecDeque<(u32, Vec<u8>)>>(argument) {
                Ok(strings) => (self.left, self.last) = (strings, Vec::new()),
                Err(_) => return Turn::Traps(Trap::Unreachable),
            },
            Input::Answer(answer) => self.last = answer.to_vec(),
            Input::Fuel => (),
        }
        self.go_on(fuel)
    }
}

impl Puppet {
    fn go_on(&mut self, fuel: &mut i64) -> Turn {
        loop {
            let eaten = self.hunger.min(*fuel);
            (self.hunger, *fuel) = (self.hunger - eaten, *fuel - eaten);
            if self.hunger > 0 {
                return Turn::Hungry;
            }
            match self.left.pop_front() {
                Some((BURN, fuel)) => self.hunger = encoding::from_bytes(&fuel).expect("a number"),
                Some((code, asked)) => return Turn::Asks(code, asked),
                None => return Turn::Returns(std::mem::take(&mut self.last)),
            }
        }
    }
}
