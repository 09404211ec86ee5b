//! A local node without threads: somebody else says when it steps and when it commits, in one thread and in any order.
//! The code that steps and commits is that of the threads. For simulators.

use super::{
    GROUPS_MAX,
    committer::{Committer, GROUPS_TOGETHER_MAX},
    job::Handed,
    worker::Worker,
};
use myceline_storage::{CommitError, Store};
use std::{
    sync::{Arc, mpsc::Receiver},
    time::Duration,
};
use tokio::sync::Notify;

/// Steps a local node by hand. Dropped, it leaves what was asked without an answer, as a process does that ends.
pub struct Stepper<S: Store> {
    pub(super) worker: Worker<S>,
    pub(super) committer: Committer<S>,
    pub(super) groups: Receiver<Handed>,
    pub(super) bell: Arc<Notify>,
}

impl<S: Store> Stepper<S> {
    /// Rings whenever something new is asked or became durable.
    pub fn bell(&self) -> Arc<Notify> {
        self.bell.clone()
    }

    /// How long nothing has to be done unless the bell rings.
    pub fn patience(&self) -> Duration {
        self.worker.patience()
    }

    /// Steps whatever has come together, from memory: the disk may be behind. Nothing of it is known to anybody yet.
    pub fn step(&mut self) {
        // Whoever is this far ahead waits for the disk, which in one thread means that somebody else must go on.
        if self.worker.ahead() < GROUPS_MAX as u64 {
            self.worker.step_waiting();
        }
    }

    /// Makes durable what was stepped, with one batch and one signature, and answers whoever asked. After an error the
    /// process counts as ended.
    pub fn commit(&mut self) -> Result<(), CommitError> {
        let together: Vec<Handed> = self.groups.try_iter().take(GROUPS_TOGETHER_MAX).collect();
        if !together.is_empty() {
            self.committer.commit(together)?;
            self.bell.notify_one();
        }
        Ok(())
    }
}
