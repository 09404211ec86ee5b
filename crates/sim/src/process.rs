//! A machine's process: steps and commits its local node by turns, each when chance says, until it is killed.

use crate::{audit::Audit, dice::Dice, disk::Disk, story::guard, trace::lock};
use myceline_client::local::Stepper;
use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, task::JoinHandle};

/// Milliseconds that stepping takes, at most.
const STEP_MS: u64 = 2;

/// Whether a process lives, known to everything that it has started.
#[derive(Clone, Default)]
pub struct Pulse(Arc<AtomicBool>);

impl Pulse {
    /// The pulse of a living process.
    pub fn new() -> Pulse {
        Pulse(Arc::new(AtomicBool::new(true)))
    }

    /// Whether the process lives.
    pub fn beats(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How fast a machine is.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    /// The longest fsync, in milliseconds.
    pub disk_ms: u64,
    /// Everything takes so many times longer.
    pub slower: u64,
}

/// A running process. Its memory is gone when it is killed; what it had asked of others may still be on its way.
pub struct Process {
    pulse: Pulse,
    stepper: Shared,
    tasks: Vec<JoinHandle<()>>,
}

type Shared = Arc<Mutex<Option<Stepper<Disk>>>>;

impl Process {
    /// Starts stepping. `on_broken_disk` is told when a commit fails; it must kill the process.
    pub fn start(
        stepper: Stepper<Disk>,
        pulse: Pulse,
        speed: Speed,
        dice: &mut Dice,
        audit: &Arc<Audit>,
        on_broken_disk: impl Fn() + Send + 'static,
    ) -> Process {
        let (bell, stepped) = (stepper.bell(), Arc::new(Notify::new()));
        let stepper: Shared = Arc::new(Mutex::new(Some(stepper)));
        let stepping = keep_stepping(stepper.clone(), bell, stepped.clone(), speed, dice.fork());
        let committing = keep_committing(stepper.clone(), stepped, speed, dice.fork(), on_broken_disk);
        let mut process = Process { pulse, stepper, tasks: Vec::new() };
        process.runs(audit, stepping);
        process.runs(audit, committing);
        process
    }

    /// Runs a task that ends with the process.
    pub fn runs(&mut self, audit: &Arc<Audit>, task: impl Future<Output = ()> + Send + 'static) {
        let audit = audit.clone();
        self.tasks.push(tokio::spawn(async move { guard(&audit, task).await.unwrap_or_default() }));
    }

    /// Ends the process at once.
    pub fn kill(self) {
        self.pulse.0.store(false, Ordering::Relaxed);
        self.tasks.iter().for_each(JoinHandle::abort);
        // Dropped after the lock is released, since what waits in it has destructors of its own.
        let stepper = lock(&self.stepper).take();
        drop(stepper);
    }
}

async fn keep_stepping(stepper: Shared, bell: Arc<Notify>, stepped: Arc<Notify>, speed: Speed, mut dice: Dice) {
    loop {
        let Some(patience) = lock(&stepper).as_ref().map(Stepper::patience) else { return };
        // Either way there may be something to do.
        let _ = tokio::time::timeout(patience.max(Duration::from_millis(1)), bell.notified()).await;
        tokio::time::sleep(dice.millis(0, STEP_MS * speed.slower)).await;
        lock(&stepper).iter_mut().for_each(Stepper::step);
        stepped.notify_one();
    }
}

async fn keep_committing(
    stepper: Shared,
    stepped: Arc<Notify>,
    speed: Speed,
    mut dice: Dice,
    on_broken_disk: impl Fn() + Send,
) {
    loop {
        stepped.notified().await;
        tokio::time::sleep(dice.millis(0, speed.disk_ms * speed.slower)).await;
        let committed = lock(&stepper).as_mut().map(Stepper::commit);
        if committed.is_some_and(|committed| committed.is_err()) {
            return on_broken_disk();
        }
    }
}
