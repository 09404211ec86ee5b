//! The life of an honest validator: it starts from its disk, serves, follows its peers, and is killed now and then.

use crate::{
    dice::Dice,
    disk::{Break, Disk},
    process::{Process, Pulse},
    trace::{Actor, lock},
    wire::Wire,
    world::{Server, World},
};
use myceline_rpc::InMemory;
use myceline_storage::Store;
use myceline_validator::{
    Validator as Running,
    catch_up::{Neighbour, catch_up},
};
use std::sync::{Arc, Mutex};

/// A validator's machine.
pub struct Validator {
    world: Arc<World>,
    place: u8,
    disk: Disk,
    state: Mutex<State>,
}

struct State {
    process: Option<Process>,
    dice: Dice,
}

impl Validator {
    /// A machine that is off.
    pub fn new(world: &Arc<World>, place: u8, dice: &mut Dice) -> Arc<Validator> {
        let disk = Disk::new(Actor::Validator(place), world.audit.clone(), world.plan.mutation, dice.fork());
        let state = Mutex::new(State { process: None, dice: dice.fork() });
        Arc::new(Validator { world: world.clone(), place, disk, state })
    }

    /// Its place in the committee.
    pub fn place(&self) -> u8 {
        self.place
    }

    /// What is on its disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether it runs.
    pub fn is_up(&self) -> bool {
        lock(&self.state).process.is_some()
    }

    /// Starts from what is on the disk.
    pub fn start(self: &Arc<Self>) {
        let (world, me) = (&self.world, Actor::Validator(self.place));
        if self.is_up() {
            return;
        }
        world.audit.restarts(self.place, &self.disk.view());
        let secret = world.plan.validators[usize::from(self.place)].clone();
        let (running, stepper) = Running::stepped(world.network.clone(), self.disk.clone(), secret, world.clock(me))
            .expect("the plan's validators are the committee");
        let pulse = Pulse::new();
        let gateway = InMemory::new(Arc::new(running.gateway_here()));
        world.serve(self.place, Server::Honest { gateway, pulse: pulse.clone() });
        let machine = self.clone();
        let mut state = lock(&self.state);
        let on_broken_disk = move || machine.kill("its disk broke");
        let mut process =
            Process::start(stepper, pulse.clone(), world.speed(me), &mut state.dice, &world.audit, on_broken_disk);
        process.runs(&world.audit, catch_up(running.local().clone(), self.neighbours(&pulse)));
        state.process = Some(process);
        world.trace.note(me, format_args!("starts"));
    }

    /// Ends it at once. What it had not synced is lost.
    pub fn kill(&self, why: &str) {
        let process = lock(&self.state).process.take();
        if let Some(process) = process {
            self.world.trace.note(Actor::Validator(self.place), format_args!("ends: {why}"));
            process.kill();
            self.world.leave(self.place);
            self.disk.crash();
        }
    }

    /// Its disk works again.
    pub fn mend_disk(&self) {
        self.disk.mend();
    }

    /// Its next commit breaks off, and it ends with that.
    pub fn break_disk(&self, at: Break) {
        self.world.trace.note(Actor::Validator(self.place), format_args!("its disk breaks {at:?} at the next commit"));
        self.disk.break_next(at);
    }

    fn neighbours(&self, pulse: &Pulse) -> Vec<Neighbour<Wire>> {
        let others = self.world.places().filter(|place| *place != self.place);
        let neighbour = |place: u8| Neighbour {
            key: self.world.plan.validators[usize::from(place)].public(),
            peer: Wire {
                world: self.world.clone(),
                from: Actor::Validator(self.place),
                to: place,
                pulse: pulse.clone(),
            },
        };
        others.map(neighbour).collect()
    }
}
