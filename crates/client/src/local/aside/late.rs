//! One thread that carries on those that others have kept from running: a flood of short blocks must not keep a long one from
//! ever coming to its end.

use super::{portions, priority::step_back};
use crate::local::spawn;
use myceline_node::engine::{EngineFault, Guest, Input, Turn};
use std::{
    mem,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

/// Guests that wait for the thread; who finds no room waits for some.
const WAITING_MAX: usize = 16;

/// Takes guests. The thread ends when the last of these is gone.
#[derive(Clone)]
pub(super) struct Late(SyncSender<Waiting>);

/// A guest that needs fuel, how much it gets, and where it goes then.
struct Waiting {
    guest: Box<dyn Guest>,
    fuel: i64,
    done: SyncSender<Ran>,
}

/// A guest that had its fuel.
struct Ran {
    guest: Box<dyn Guest>,
    turn: Turn,
    left: i64,
}

/// Starts the thread.
pub(super) fn start() -> Late {
    let (sender, waiting) = sync_channel(WAITING_MAX);
    drop(spawn("late", move || {
        step_back();
        work(&waiting);
    }));
    Late(sender)
}

fn work(waiting: &Receiver<Waiting>) {
    while let Ok(Waiting { mut guest, fuel, done }) = waiting.recv() {
        let mut left = fuel;
        let turn = portions::resume(&mut *guest, Input::Fuel, &mut left);
        // Whoever asked waits for it, unless the process is ending.
        let _ = done.send(Ran { guest, turn, left });
    }
}

impl Late {
    /// Gives a guest more fuel there.
    pub(super) fn resume(&self, guest: &mut Box<dyn Guest>, fuel: &mut i64) -> Turn {
        let (done, ran) = sync_channel(1);
        let waiting = Waiting { guest: mem::replace(guest, Box::new(Lost)), fuel: *fuel, done };
        // Both fail where the thread has panicked.
        let Ok(Ran { guest: back, turn, left }) =
            self.0.send(waiting).map_err(drop).and_then(|()| ran.recv().map_err(drop))
        else {
            return Lost.resume(Input::Fuel, fuel);
        };
        *guest = back;
        *fuel = left;
        turn
    }
}

/// A guest that did not come back.
struct Lost;

impl Guest for Lost {
    fn resume(&mut self, _: Input<'_>, _: &mut i64) -> Turn {
        Turn::Faults(EngineFault("the thread for late guests is gone".into()))
    }
}
