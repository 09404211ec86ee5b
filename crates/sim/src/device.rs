//! A device with a wallet: a client over a disk of its own, which is killed and started again, and somebody who wants things
//! of it and does not give up.

use crate::{
    describe::short,
    dice::Dice,
    disk::{Break, Disk},
    process::{Process, Pulse},
    trace::{Actor, lock},
    wire::Wire,
    world::World,
};
use myceline_client::{Client, FinalBlock, Following, Incoming, MemorySigner, Options};
use myceline_types::{ChainId, TimeDelta};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// How long a client tries to settle a height.
const PATIENCE: TimeDelta = TimeDelta::from_millis(6_000);
/// How often somebody looks whether their device is on again.
const LOOK: Duration = Duration::from_millis(25);

/// A client of the simulated network.
pub type Wallet = Client<Disk, Wire, MemorySigner>;

/// A device.
pub struct Device {
    /// The network.
    pub world: Arc<World>,
    /// Which one.
    pub number: u8,
    disk: Disk,
    state: Mutex<State>,
}

struct State {
    running: Option<Running>,
    chains: Vec<ChainId>,
    dice: Dice,
}

struct Running {
    wallet: Wallet,
    pulse: Pulse,
    process: Process,
    /// Some devices receive what is sent to them as soon as they are told.
    _following: Option<Following>,
}

impl Device {
    /// A device that is off, with an empty disk.
    pub fn new(world: &Arc<World>, number: u8, dice: &mut Dice) -> Arc<Device> {
        let disk = Disk::new(Actor::Device(number), world.audit.clone(), world.plan.mutation, dice.fork());
        let chains = world.plan.chains_of(number, &world.network);
        let state = Mutex::new(State { running: None, chains, dice: dice.fork() });
        Arc::new(Device { world: world.clone(), number, disk, state })
    }

    /// Who it is.
    pub fn actor(&self) -> Actor {
        Actor::Device(self.number)
    }

    /// The chains that it uses.
    pub fn chains(&self) -> Vec<ChainId> {
        lock(&self.state).chains.clone()
    }

    /// It uses another chain from now on.
    pub fn adds(&self, chain: ChainId) {
        lock(&self.state).chains.push(chain);
    }

    /// Starts from what is on the disk.
    pub fn start(self: &Arc<Self>) {
        let (world, me) = (&self.world, self.actor());
        if lock(&self.state).running.is_some() {
            return;
        }
        let pulse = Pulse::new();
        let wire = |to| Wire { world: world.clone(), from: me, to, pulse: pulse.clone() };
        let owner = world.plan.owners[world.plan.devices[usize::from(self.number)]].clone();
        let options = Options { patience: PATIENCE, clock: world.clock(me), ..Options::default() };
        let wires = world.places().map(wire).collect();
        let signer = MemorySigner::from_iter([owner]);
        let (wallet, stepper) = Client::open_stepped(world.network.clone(), self.disk.clone(), wires, signer, options)
            .expect("there is a way to each validator");
        let machine = self.clone();
        let mut state = lock(&self.state);
        let on_broken_disk = move || machine.kill("its disk broke");
        let process =
            Process::start(stepper, pulse.clone(), world.speed(me), &mut state.dice, &world.audit, on_broken_disk);
        let follows = state.dice.chance(300);
        let following = follows.then(|| wallet.follow(state.chains.clone(), Incoming::Receive));
        state.running = Some(Running { wallet, pulse, process, _following: following });
        world.trace.note(me, format_args!("starts"));
    }

    /// Ends it at once. What it had not synced is lost.
    pub fn kill(&self, why: &str) {
        let running = lock(&self.state).running.take();
        if let Some(running) = running {
            self.world.trace.note(self.actor(), format_args!("ends: {why}"));
            running.process.kill();
            self.disk.crash();
        }
    }

    /// Its disk works again.
    pub fn mend_disk(&self) {
        self.disk.mend();
    }

    /// Its next commit breaks off, and it ends with that.
    pub fn break_disk(&self, at: Break) {
        self.world.trace.note(self.actor(), format_args!("its disk breaks {at:?} at the next commit"));
        self.disk.break_next(at);
    }

    /// The wallet, as soon as the device is on.
    pub async fn wallet(&self) -> (Wallet, Pulse) {
        loop {
            let here =
                lock(&self.state).running.as_ref().map(|running| (running.wallet.clone(), running.pulse.clone()));
            match here {
                Some(here) => return here,
                None => tokio::time::sleep(LOOK).await,
            }
        }
    }

    /// Somebody is told that a block is final.
    pub fn told(&self, done: &FinalBlock) {
        let place = done.block().proposed.chain;
        let (name, height) = (self.world.name(place), done.height());
        self.world
            .trace
            .note(self.actor(), format_args!("is told that {} is final at {name}:{height}", short(done.hash())));
        self.world.audit.told(self.actor(), done);
    }
}
