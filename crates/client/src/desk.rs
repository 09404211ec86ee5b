//! What a client keeps in memory for each chain that it uses: one thing is done on a chain at a time, in the order asked.

use myceline_sessions::Receipts;
use myceline_types::{Certificate, ChainId, Cursor};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};
use tokio::sync::OwnedMutexGuard;

/// Hints that wait to be looked into; more are dropped, since a listing finds all of them.
const HINTS_MAX: usize = 1_024;

/// The desks of all chains in use.
#[derive(Default)]
pub(crate) struct Desks {
    desks: Mutex<HashMap<ChainId, Arc<Desk>>>,
    proposing: Arc<AtomicU32>,
}

/// One chain's.
pub(crate) struct Desk {
    work: Arc<tokio::sync::Mutex<Papers>>,
    /// How many sit here or wait to, in order to propose.
    proposing: AtomicU32,
    /// How many do at all desks.
    proposing_anywhere: Arc<AtomicU32>,
    /// The certificates of the blocks below this height were sent to all members.
    shown: AtomicU64,
    /// All members have the blocks below this height.
    delivered: AtomicU64,
    hints: Mutex<Hints>,
}

/// What whoever sits at the desk works with.
pub(crate) struct Papers {
    /// The certificate of the last block, while not everybody has been shown it.
    pub(crate) undelivered: Option<Certificate>,
    /// Bundles that wait.
    pub(crate) receipts: Receipts,
    /// Whether the chain was brought up to date since the client was opened.
    pub(crate) is_synced: bool,
    /// Whether a validator was seen to lack blocks that are here, whatever it was shown before.
    pub(crate) is_anyone_behind: bool,
}

/// Bundles said to wait.
#[derive(Default)]
struct Hints {
    waiting: Vec<(ChainId, Cursor)>,
    /// Whether somebody looks into them.
    is_attended: bool,
}

impl Desks {
    /// The desk of a chain.
    pub(crate) fn of(&self, chain: ChainId) -> Arc<Desk> {
        let desk = || Arc::new(Desk::new(chain, self.proposing.clone()));
        lock(&self.desks).entry(chain).or_insert_with(desk).clone()
    }

    /// Whether somebody comes to propose at any desk.
    pub(crate) fn are_busy(&self) -> bool {
        self.proposing.load(Ordering::Relaxed) > 0
    }
}

impl Desk {
    fn new(chain: ChainId, proposing_anywhere: Arc<AtomicU32>) -> Desk {
        let papers =
            Papers { undelivered: None, receipts: Receipts::new(chain), is_synced: false, is_anyone_behind: false };
        Desk {
            work: Arc::new(tokio::sync::Mutex::new(papers)),
            proposing: AtomicU32::new(0),
            proposing_anywhere,
            shown: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            hints: Mutex::default(),
        }
    }

    /// Sits down when all who came before have left.
    pub(crate) async fn sit(&self) -> OwnedMutexGuard<Papers> {
        self.work.clone().lock_owned().await
    }

    /// Says that somebody comes to propose, for as long as the answer lives.
    pub(crate) fn propose(self: &Arc<Desk>) -> Proposing {
        self.proposing.fetch_add(1, Ordering::Relaxed);
        self.proposing_anywhere.fetch_add(1, Ordering::Relaxed);
        Proposing(self.clone())
    }

    /// Whether somebody comes to propose: the last certificate travels with their proposal, and if they fail they see to it
    /// when they leave.
    pub(crate) fn is_proposing(&self) -> bool {
        self.proposing.load(Ordering::Relaxed) > 0
    }

    /// Whether the certificates of the blocks below this height were sent to all members.
    pub(crate) fn is_shown(&self, next: u64) -> bool {
        self.shown.load(Ordering::Relaxed) >= next
    }

    /// Whether the certificate of the last block below this height has still to be sent to all members. Whoever gets `true`
    /// must send it.
    pub(crate) fn must_show(&self, next: u64) -> bool {
        self.shown.fetch_max(next, Ordering::Relaxed) < next
    }

    /// All members have the blocks below this height.
    pub(crate) fn note_delivered(&self, next: u64) {
        self.delivered.fetch_max(next, Ordering::Relaxed);
    }

    /// Whether all members have the blocks below this height.
    pub(crate) fn is_delivered(&self, next: u64) -> bool {
        self.delivered.load(Ordering::Relaxed) >= next
    }

    /// Notes that a bundle is said to wait. Whoever gets `true` must look into the hints.
    pub(crate) fn hint(&self, origin: ChainId, cursor: Cursor) -> bool {
        let mut hints = lock(&self.hints);
        if hints.waiting.len() < HINTS_MAX {
            hints.waiting.push((origin, cursor));
        }
        !std::mem::replace(&mut hints.is_attended, true)
    }

    /// Takes the hints to look into; without any, somebody else must look from now on.
    pub(crate) fn take_hints(&self) -> Option<Vec<(ChainId, Cursor)>> {
        let mut hints = lock(&self.hints);
        hints.is_attended = !hints.waiting.is_empty();
        hints.is_attended.then(|| std::mem::take(&mut hints.waiting))
    }
}

/// Somebody comes to propose.
pub(crate) struct Proposing(Arc<Desk>);

impl Drop for Proposing {
    fn drop(&mut self) {
        self.0.proposing.fetch_sub(1, Ordering::Relaxed);
        self.0.proposing_anywhere.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds one of these locks panics half way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
