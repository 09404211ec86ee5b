//! What everybody in a simulation shares: the plan, the weather on the way, who serves at which place, the trace and the audit.

use crate::{
    audit::{Audit, Rule},
    byzantine::Dishonest,
    dice::Dice,
    disk::Disk,
    plan::{BEGINNING, Plan},
    process::{Pulse, Speed},
    trace::{Actor, Trace, lock},
};
use myceline_client::Clock;
use myceline_node::Network;
use myceline_rpc::InMemory;
use myceline_types::{ChainId, TimeDelta};
use myceline_validator::Gateway;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// The longest way of a message when the storm is over, in milliseconds.
const CALM_DELAY_MS: u64 = 3;

/// How often a machine's clock is read in one moment, at most.
const READS_MAX: u32 = 100_000;

/// A simulated network.
pub struct World {
    /// What the seed has decided.
    pub plan: Plan,
    /// What everybody agrees on.
    pub network: Arc<Network>,
    /// What happens.
    pub trace: Trace,
    /// What must hold.
    pub audit: Arc<Audit>,
    begun: Instant,
    links: Mutex<Links>,
    servers: Mutex<BTreeMap<u8, Server>>,
}

/// Who answers at a place of the committee.
#[derive(Clone)]
pub enum Server {
    /// A running validator.
    Honest {
        /// Its gateway.
        gateway: InMemory<Gateway<Disk>>,
        /// Whether it still runs.
        pulse: Pulse,
    },
    /// One that does what it likes.
    Dishonest(InMemory<Dishonest>),
}

/// How messages travel.
struct Links {
    dice: Dice,
    is_calm: bool,
    cut: BTreeSet<(Actor, Actor)>,
}

/// Time stands still while anybody works, so whoever reads a clock again and again waits for something that cannot come.
fn count_reads(audit: &Audit, (at, reads): &mut (Duration, u32), now: Duration) {
    *reads = if *at == now { *reads + 1 } else { 0 };
    *at = now;
    if *reads > READS_MAX {
        audit.raise(Rule::Progress.broken("somebody looks at the clock without end"));
        panic!("somebody looks at the clock without end");
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// It is lost, and its sender finds out after so long.
    Lost(Duration),
    /// It arrives after so long, and perhaps a second time after longer.
    Arrives(Duration, Option<Duration>),
}

impl World {
    /// A network in which nobody runs yet.
    pub fn new(plan: Plan, network: Arc<Network>, audit: Arc<Audit>, keeps_trace: bool, dice: Dice) -> World {
        let links = Mutex::new(Links { dice, is_calm: false, cut: BTreeSet::new() });
        let (begun, servers) = (Instant::now(), Mutex::default());
        World { plan, network, trace: Trace::new(keeps_trace), audit, begun, links, servers }
    }

    /// The clock of a machine: it may be late.
    pub fn clock(&self, who: Actor) -> Clock {
        let index = match who {
            Actor::Validator(place) => usize::from(place),
            Actor::Device(number) => self.plan.validators.len() + usize::from(number),
        };
        let late = TimeDelta::from_millis(self.plan.late_ms.get(index).copied().unwrap_or_default());
        let (begun, audit, reads) = (self.begun, self.audit.clone(), Mutex::new((Duration::ZERO, 0u32)));
        Clock::new(move || {
            count_reads(&audit, &mut lock(&reads), begun.elapsed());
            let elapsed = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            BEGINNING.after(TimeDelta(elapsed.saturating_sub(late.0)))
        })
    }

    /// How fast a machine is.
    pub fn speed(&self, who: Actor) -> Speed {
        let weather = &self.plan.weather;
        let slower = match who {
            Actor::Validator(place) if !self.is_calm() => weather.slow.get(&place).copied().unwrap_or(1),
            _ => 1,
        };
        Speed { disk_ms: weather.disk_ms, slower }
    }

    /// What becomes of a message.
    pub fn fate(&self, from: Actor, to: Actor) -> Fate {
        let (links, weather) = (&mut *lock(&self.links), &self.plan.weather);
        if links.is_calm {
            return Fate::Arrives(links.dice.millis(1, CALM_DELAY_MS), None);
        }
        let is_cut = links.cut.contains(&(from, to)) || links.cut.contains(&(to, from));
        if is_cut || links.dice.chance(weather.loss) {
            return Fate::Lost(links.dice.millis(1, 1_500));
        }
        let delay = links.dice.millis(1, weather.delay_ms);
        let again = links.dice.chance(weather.twice).then(|| links.dice.millis(1, 20 * weather.delay_ms));
        Fate::Arrives(delay, again)
    }

    /// Nothing passes between two of them.
    pub fn cut(&self, one: Actor, other: Actor) {
        lock(&self.links).cut.insert((one, other));
    }

    /// Everything passes again.
    pub fn mend(&self) {
        lock(&self.links).cut.clear();
    }

    /// The storm is over.
    pub fn calm(&self) {
        lock(&self.links).is_calm = true;
    }

    /// Whether the storm is over.
    pub fn is_calm(&self) -> bool {
        lock(&self.links).is_calm
    }

    /// Somebody answers at a place from now on.
    pub fn serve(&self, place: u8, server: Server) {
        lock(&self.servers).insert(place, server);
    }

    /// Nobody answers at a place from now on.
    pub fn leave(&self, place: u8) {
        let left = lock(&self.servers).remove(&place);
        drop(left);
    }

    /// Who answers at a place.
    pub fn server(&self, place: u8) -> Option<Server> {
        lock(&self.servers).get(&place).cloned()
    }

    /// The places of the committee.
    pub fn places(&self) -> impl Iterator<Item = u8> + use<> {
        (0..=u8::MAX).take(self.plan.validators.len())
    }

    /// The numbers of the devices.
    pub fn devices(&self) -> impl Iterator<Item = u8> + use<> {
        (0..=u8::MAX).take(self.plan.devices.len())
    }

    /// The honest validators.
    pub fn honest(&self) -> Vec<u8> {
        self.places().filter(|place| !self.plan.dishonest.contains_key(place)).collect()
    }

    /// A short name for a chain.
    pub fn name(&self, chain: ChainId) -> String {
        let roots = self.network.genesis().descriptions().map(|description| description.id());
        match roots.into_iter().position(|root| root == chain) {
            Some(index) => format!("c{index}"),
            None => chain.to_string().chars().take(6).collect(),
        }
    }
}
