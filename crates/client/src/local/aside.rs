//! Long runs: a step that takes longer than others want to wait is tried out on a copy of its chain, by a few threads that give
//! way to everything else. What was executed goes back to the worker, which takes the step then. What only looks has threads of
//! its own, so that it does not wait behind steps of others: who waits for it is this process's own user.

mod considerate;
mod late;
mod portions;
mod priority;

use super::{
    Context, Job,
    job::{Attempt, ChainRequest, TriedOut},
    spawn,
};
use considerate::Considerate;
use late::Late;
use myceline_node::{Cell, Patience};
use myceline_storage::Store;
use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, sync_channel},
};

/// Runs that wait for a thread; more are refused, since they take seconds each.
const RUNS_MAX: usize = 64;

/// Takes runs. The threads end when the last of these is gone and what they run is over.
pub(super) struct Aside<S: Store> {
    steps: SyncSender<Run<S>>,
    looks: SyncSender<Run<S>>,
}

impl<S: Store> Clone for Aside<S> {
    fn clone(&self) -> Aside<S> {
        Aside { steps: self.steps.clone(), looks: self.looks.clone() }
    }
}

/// A step to try out.
pub(super) struct Run<S: Store> {
    pub(super) context: Context<S>,
    pub(super) cell: Cell,
    pub(super) view: S::View,
    pub(super) attempt: Attempt<S>,
    /// Whom to tell.
    pub(super) worker: SyncSender<Job<S>>,
}

impl<S: Store> Aside<S> {
    /// Starts so many threads of either kind. Nobody waits for them when the node ends: what they run is of no use then.
    pub(super) fn start(threads: usize) -> Aside<S> {
        let late = late::start();
        Aside { steps: start("aside", threads, &late), looks: start("look", threads, &late) }
    }

    /// Has a step tried out. `false` where too many wait: then it is dropped, which tells the asker that this node is busy.
    pub(super) fn run(&self, run: Run<S>) -> bool {
        let kind = if matches!(run.attempt.request, ChainRequest::Look(_)) { &self.looks } else { &self.steps };
        kind.try_send(run).is_ok()
    }
}

fn start<S: Store>(name: &str, threads: usize, late: &Late) -> SyncSender<Run<S>> {
    let (sender, runs) = sync_channel(RUNS_MAX);
    let runs = Arc::new(Mutex::new(runs));
    for index in 0..threads {
        let (runs, late) = (runs.clone(), late.clone());
        drop(spawn(&format!("{name}-{index}"), move || {
            priority::give_way();
            while let Some(run) = next(&runs) {
                run.try_out(&late);
            }
        }));
    }
    sender
}

fn next<S: Store>(runs: &Mutex<Receiver<Run<S>>>) -> Option<Run<S>> {
    // A thread that panicked has not changed the queue.
    runs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl<S: Store> Run<S> {
    fn try_out(self, late: &Late) {
        let Run { mut context, cell, view, mut attempt, worker } = self;
        context.engine = Arc::new(Considerate { engine: context.engine, late: late.clone() });
        let outcome = attempt
            .take(&context, &view, Patience::Endless, |moment, request| cell.try_out(moment, |work| request.act(work)));
        // A worker that is gone needs it no more.
        let _ = worker.send(Job::TriedOut(Box::new(TriedOut { attempt, outcome })));
    }
}
