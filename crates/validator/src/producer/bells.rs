//! Bells of public chains: rung by the committer, heard by the producer.

use myceline_client::local::Durable;
use myceline_node::Network;
use myceline_types::{ChainId, Leaders, api::Reason};
use std::{
    collections::BTreeSet,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Public chains that have a bell, in a few megabytes. What waits for more of them is found on the producer's rounds.
const BELLS_MAX: usize = 65_536;

/// Rings where something happened to a public chain. A bell that rings twice before it is heard has rung once, so nothing
/// piles up.
#[derive(Debug, Default)]
pub struct Bells {
    hung: Mutex<Hung>,
    ringing: Notify,
}

#[derive(Debug, Default)]
struct Hung {
    /// The chains that have a bell.
    chains: BTreeSet<ChainId>,
    /// Those of them whose bell has rung.
    rung: BTreeSet<ChainId>,
}

impl Bells {
    /// Bells for the public chains that genesis lists.
    pub fn of(network: &Network) -> Bells {
        let bells = Bells::default();
        bells.hang(&of_genesis(network));
        bells
    }

    /// Gives chains a bell, as far as there is room.
    pub(super) fn hang(&self, chains: &[ChainId]) {
        self.hung().hang(chains);
    }

    /// Rings for what has become durable. Waits for nobody.
    pub fn ring(&self, durable: &Durable<'_>) {
        let mut hung = self.hung();
        hung.hang(durable.public);
        if hung.chains.is_empty() {
            return;
        }
        let happened = durable.notifications.iter().filter_map(|notification| happened_to(&notification.reason));
        // What waits for a chain from before it was public is looked for at once.
        happened.chain(durable.public.iter().copied()).for_each(|chain| hung.ring(chain));
        if !hung.rung.is_empty() {
            self.ringing.notify_one();
        }
    }

    /// The chains whose bells have rung, once there is one.
    pub(super) async fn rung(&self) -> BTreeSet<ChainId> {
        loop {
            let rung = mem::take(&mut self.hung().rung);
            if !rung.is_empty() {
                return rung;
            }
            self.ringing.notified().await;
        }
    }

    /// Nothing panics between two changes that belong together.
    fn hung(&self) -> MutexGuard<'_, Hung> {
        self.hung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hung {
    fn hang(&mut self, chains: &[ChainId]) {
        let room = BELLS_MAX.saturating_sub(self.chains.len());
        self.chains.extend(chains.iter().take(room));
    }

    fn ring(&mut self, chain: ChainId) {
        if self.chains.contains(&chain) {
            self.rung.insert(chain);
        }
    }
}

/// The public chains that genesis lists.
pub(super) fn of_genesis(network: &Network) -> Vec<ChainId> {
    let public = network.roots().filter(|(_, root)| root.config.ownership.leaders == Leaders::Validators);
    public.map(|(chain, _)| *chain).collect()
}

/// The chain that something happened to.
fn happened_to(reason: &Reason) -> Option<ChainId> {
    match reason {
        Reason::NewBlock { chain, .. } | Reason::Incoming { chain, .. } | Reason::NewRound { chain, .. } => {
            Some(*chain)
        }
        _ => None,
    }
}
