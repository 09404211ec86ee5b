//! A machine's disk: rows in memory that are lost in a crash unless they were synced, and a commit that may fail at any of
//! its moments. Everything that it takes is shown to the audit.

use crate::{
    audit::Audit,
    dice::Dice,
    plan::Mutation,
    trace::{Actor, lock},
};
use myceline_node::layout::table;
use myceline_state::{Absent, Batch};
use myceline_storage::{CommitError, Memory, ReadError, Store, memory::MemoryView};
use std::sync::{Arc, Mutex};

/// Where a commit breaks off. In all cases the machine ends with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// Nothing was written.
    Before,
    /// It was written and not synced, so that it is lost.
    Unsynced,
    /// It was synced, and nobody was told.
    After,
}

/// The disk of one machine. Clones share it; it outlives crashes.
#[derive(Clone)]
pub struct Disk {
    rows: Memory,
    owner: Actor,
    audit: Arc<Audit>,
    state: Arc<Mutex<State>>,
}

struct State {
    mutation: Option<Mutation>,
    next: Option<Break>,
    dice: Dice,
}

impl Disk {
    /// An empty disk.
    pub fn new(owner: Actor, audit: Arc<Audit>, mutation: Option<Mutation>, dice: Dice) -> Disk {
        let state = Arc::new(Mutex::new(State { mutation, next: None, dice }));
        Disk { rows: Memory::new(), owner, audit, state }
    }

    /// The next commit breaks off.
    pub fn break_next(&self, at: Break) {
        lock(&self.state).next = Some(at);
    }

    /// The next commit does not break off after all.
    pub fn mend(&self) {
        lock(&self.state).next = None;
    }

    /// Loses what was not synced.
    pub fn crash(&self) {
        self.rows.crash();
        if self.has(Mutation::LostVotes) && self.owner == Actor::Validator(0) {
            self.forget_votes();
        }
    }

    fn has(&self, mutation: Mutation) -> bool {
        lock(&self.state).mutation == Some(mutation)
    }

    fn forget_votes(&self) {
        use myceline_state::Snapshot;
        let prefix = [table::VOTE];
        let mut batch = Batch::new();
        for (key, _) in self.rows.view().scan(&prefix, &prefix, usize::MAX).unwrap_or_default() {
            batch.delete(key);
        }
        self.rows.apply(batch);
        self.rows.sync();
    }

    fn lies(&self) -> bool {
        match self.owner {
            Actor::Validator(_) => self.has(Mutation::LyingValidatorDisks),
            Actor::Device(_) => self.has(Mutation::LyingDeviceDisks),
        }
    }

    /// What a broken validator makes of a batch.
    fn spoil(&self, batch: Batch) -> Batch {
        let is_hit = {
            let mut state = lock(&self.state);
            state.mutation == Some(Mutation::DroppedInbox) && state.dice.chance(200)
        };
        let mut spoilt = Batch::new();
        for (key, value) in batch {
            if !(is_hit && key.first() == Some(&table::WAITING)) {
                spoilt.write(key, value);
            }
        }
        spoilt
    }
}

impl Store for Disk {
    type View = MemoryView;

    fn view(&self) -> MemoryView {
        self.rows.view()
    }

    async fn prefetch(&self, view: &mut MemoryView, absent: &[Absent]) -> Result<(), ReadError> {
        self.rows.prefetch(view, absent).await
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<(), CommitError> {
        let breaks = lock(&self.state).next.take();
        if breaks == Some(Break::Before) {
            return Err(CommitError::new("the disk broke before the write"));
        }
        let batch = self.spoil(batches.into_iter().flatten().collect());
        self.rows.apply(batch.clone());
        if breaks == Some(Break::Unsynced) {
            return Err(CommitError::new("the disk broke before the sync"));
        }
        if !self.lies() {
            self.rows.sync();
        }
        self.audit.committed(self.owner, &batch, &self.rows.view());
        match breaks {
            Some(_) => Err(CommitError::new("the disk broke after the sync")),
            None => Ok(()),
        }
    }
}
