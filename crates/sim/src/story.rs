//! One run: from a seed to a verdict.

use crate::{
    audit::{Audit, Rule, Violation},
    byzantine::{Behaviour, Dishonest},
    device::Device,
    dice::Dice,
    plan::{Mutation, Plan},
    storm::{self, Targets},
    validator::Validator,
    wishes,
    world::{Server, World},
};
use futures_util::{
    FutureExt,
    future::{self, Either},
};
use myceline_rpc::InMemory;
use myceline_storage::Store;
use myceline_types::Hash;
use std::{future::Future, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};
use tokio::time::Instant;

/// After the storm, how long everything that is wanted may take.
const PROGRESS_MAX: Duration = Duration::from_secs(600);
/// Then, how long it may take until everything is received and every validator has everything.
const REST_MAX: Duration = Duration::from_secs(120);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(1_000);

/// What a run showed.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What was violated, if anything.
    pub violation: Option<Violation>,
    /// A hash of everything that happened: the same for the same seed.
    pub trace_hash: Hash,
    /// How many things happened.
    pub events: u64,
    /// How many blocks became final.
    pub blocks: usize,
    /// How long it took in the simulated network.
    pub took: Duration,
    /// Everything that happened, where that was asked for.
    pub trace: Vec<String>,
}

/// Runs a seed.
pub fn run(seed: u64, mutation: Option<Mutation>, keeps_trace: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without threads and sockets can always be built");
    runtime.block_on(tell(seed, mutation, keeps_trace))
}

async fn tell(seed: u64, mutation: Option<Mutation>, keeps_trace: bool) -> Report {
    let begun = Instant::now();
    let mut dice = Dice::new(seed);
    let plan = Plan::new(seed, mutation, &mut dice);
    let network = Arc::new(plan.network().expect("every plan makes a network"));
    let audit = Arc::new(Audit::new(network.clone(), plan.dishonest.keys().copied().collect()));
    let world = Arc::new(World::new(plan, network, audit.clone(), keeps_trace, dice.fork()));
    let story = pin!(guard(&world.audit, live(world.clone(), dice)));
    let alarm = pin!(audit.alarm.notified());
    if let Either::Left((Some(Err(violation)), _)) = future::select(story, alarm).await {
        audit.raise(violation);
    }
    world.places().for_each(|place| world.leave(place));
    let (trace_hash, events) = world.trace.digest();
    Report {
        seed,
        violation: audit.violation(),
        trace_hash,
        events,
        blocks: audit.blocks(),
        took: begun.elapsed(),
        trace: world.trace.lines(),
    }
}

/// What a task gives, unless it panics, which is raised.
pub(crate) async fn guard<T>(audit: &Audit, task: impl Future<Output = T>) -> Option<T> {
    match AssertUnwindSafe(task).catch_unwind().await {
        Ok(done) => Some(done),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            audit.raise(Rule::NoPanic.broken(text));
            None
        }
    }
}

async fn live(world: Arc<World>, mut dice: Dice) -> Result<(), Violation> {
    let targets = begin(&world, &mut dice);
    let lives: Vec<_> =
        targets.devices.iter().map(|device| tokio::spawn(wishes::live(device.clone(), dice.fork()))).collect();
    storm::rage(world.clone(), &targets, dice.fork()).await;
    let lived = tokio::time::timeout(PROGRESS_MAX, future::join_all(lives)).await;
    let stuck = |_| Rule::Progress.broken("what is wanted does not come about though all is well");
    for life in lived.map_err(stuck)? {
        life.map_err(|why| Rule::NoPanic.broken(why))?;
    }
    come_to_rest(&world, &targets).await?;
    world.audit.close(&views(&targets));
    Ok(())
}

/// Starts everybody.
fn begin(world: &Arc<World>, dice: &mut Dice) -> Targets {
    for (place, behaviour) in world.plan.dishonest.iter().filter(|(_, behaviour)| **behaviour != Behaviour::Away) {
        let secret = world.plan.validators[usize::from(*place)].clone();
        let liar = Dishonest::new(*behaviour, secret, *place, world.network.id());
        world.serve(*place, Server::Dishonest(InMemory::new(Arc::new(liar))));
    }
    let validators: Vec<_> = world.honest().into_iter().map(|place| Validator::new(world, place, dice)).collect();
    let devices: Vec<_> = world.devices().map(|number| Device::new(world, number, dice)).collect();
    validators.iter().for_each(Validator::start);
    devices.iter().for_each(Device::start);
    Targets { validators, devices }
}

/// Everybody finishes what was begun and receives what was sent to them, and validators follow each other, until nothing is
/// left.
async fn come_to_rest(world: &World, targets: &Targets) -> Result<(), Violation> {
    let end = Instant::now() + REST_MAX;
    loop {
        for device in &targets.devices {
            wishes::tidy_up(device).await;
        }
        match world.audit.unrest(&views(targets)) {
            None => return Ok(()),
            Some(open) if Instant::now() > end => return Err(open),
            Some(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

fn views(targets: &Targets) -> Vec<(u8, <crate::disk::Disk as Store>::View)> {
    targets.validators.iter().map(|validator| (validator.place(), validator.disk().view())).collect()
}
