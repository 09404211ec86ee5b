//! Which moments are still being read, so that nothing they need is dropped; and the view that pure code reads through.

use super::Shared;
use lsm_tree::SeqNo;
use myceline_state::{Absent, Key, Snapshot, Value};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The moments that views hold.
#[derive(Debug, Default)]
pub(super) struct Moments {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Rows below this sequence number are committed.
    now: SeqNo,
    /// How many views read as of which moment.
    held: BTreeMap<SeqNo, usize>,
}

impl Moments {
    /// Everything up to and with `sequence` is committed.
    pub(super) fn advance(&self, sequence: SeqNo) {
        let state = &mut *self.state();
        state.now = state.now.max(sequence + 1);
    }

    /// The earliest moment that somebody may read.
    pub(super) fn oldest(&self) -> SeqNo {
        let state = self.state();
        state.held.keys().next().copied().unwrap_or(state.now)
    }

    fn hold(&self) -> SeqNo {
        let state = &mut *self.state();
        *state.held.entry(state.now).or_default() += 1;
        state.now
    }

    fn release(&self, moment: SeqNo) {
        let state = &mut *self.state();
        if let Some(views) = state.held.get_mut(&moment) {
            *views -= 1;
            if *views == 0 {
                state.held.remove(&moment);
            }
        }
    }

    /// Nothing panics between two changes that belong together.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows of an embedded store at one moment. The store stays open as long as a view of it exists.
///
/// A read that the disk refuses is answered with [`Absent`]: prefetching the same then tells the reason.
#[derive(Clone)]
pub struct EmbeddedView {
    lease: Arc<Lease>,
}

struct Lease {
    shared: Arc<Shared>,
    moment: SeqNo,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.moments.release(self.moment);
    }
}

impl EmbeddedView {
    pub(super) fn of(shared: &Arc<Shared>) -> EmbeddedView {
        EmbeddedView { lease: Arc::new(Lease { moment: shared.moments.hold(), shared: shared.clone() }) }
    }

    /// Reads what `absent` names and forgets it: either the disk answers now, or it says why not.
    pub(super) fn probe(&self, absent: &Absent) -> lsm_tree::Result<()> {
        match absent {
            Absent::Key(key) => self.lease.shared.tables.get(key, self.lease.moment).map(drop),
            Absent::Range { prefix, start, limit } => {
                self.lease.shared.tables.scan(prefix, start, *limit, self.lease.moment).map(drop)
            }
        }
    }
}

impl Snapshot for EmbeddedView {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        self.lease.shared.tables.get(key, self.lease.moment).map_err(|_| Absent::Key(key.into()))
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let rows = self.lease.shared.tables.scan(prefix, start, limit, self.lease.moment);
        rows.map_err(|_| Absent::Range { prefix: prefix.into(), start: start.into(), limit })
    }
}
