//! The thread that compiles: one for an engine, begun by the first module that is hot, behind everything else that wants the
//! processor.

use super::Tier;
use crate::{compiled::Native, limits::COMPILATIONS_MAX, single::Backend};
use myceline_execution::engine::Guest;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::Ordering,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// How far the thread steps back: others that want the processor get nine tenths of it.
const NICENESS: i32 = 10;

/// Compiles modules in the background, and makes guests of them.
pub struct Compiler {
    /// Made when the first module is compiled: it reserves much address space. Empty where this machine cannot.
    native: Arc<OnceLock<Option<Native>>>,
    /// None where there can be no thread.
    queue: OnceLock<Option<SyncSender<Arc<Tier>>>>,
}

impl Compiler {
    /// Does nothing before it is asked.
    pub fn new() -> Compiler {
        Compiler { native: Arc::default(), queue: OnceLock::new() }
    }

    /// A guest as machine code, if the module is compiled and there is room for one more.
    pub fn guest(&self, tier: &Tier) -> Option<Box<dyn Guest>> {
        let (native, module) = (self.native.get()?.as_ref()?, tier.native.get()?);
        native.guest(module).ok()
    }

    /// Asks for a module whose guests have burnt enough; once, unless there is no room in the queue.
    pub fn ask_if_hot(&self, tier: &Arc<Tier>) {
        if tier.is_hot() && !tier.is_asked.swap(true, Ordering::Relaxed) {
            let queue = self.queue.get_or_init(|| begin(self.native.clone()));
            let is_taken = queue.as_ref().is_some_and(|queue| queue.try_send(tier.clone()).is_ok());
            tier.is_asked.store(is_taken, Ordering::Relaxed);
        }
    }
}

fn begin(native: Arc<OnceLock<Option<Native>>>) -> Option<SyncSender<Arc<Tier>>> {
    let (queue, waiting) = sync_channel(COMPILATIONS_MAX);
    let thread = thread::Builder::new().name("compile".into()).spawn(move || {
        step_back();
        work(&native, &waiting);
    });
    thread.is_ok().then_some(queue)
}

/// Compiles until the engine is gone.
fn work(native: &OnceLock<Option<Native>>, waiting: &Receiver<Arc<Tier>>) {
    while let Ok(tier) = waiting.recv() {
        compile(native, &tier);
    }
}

/// Compiles a module. One that cannot be compiled stays interpreted.
fn compile(native: &OnceLock<Option<Native>>, tier: &Tier) {
    let Some(native) = native.get_or_init(|| Native::new().ok()) else { return };
    // A fault of the compiler is one module's, and not that of those behind it.
    let module = catch_unwind(AssertUnwindSafe(|| native.load(&tier.code)));
    if let Ok(Ok(module)) = module {
        // Nobody else sets it: a module is asked for once.
        let _ = tier.native.set(module);
    }
}

#[cfg(target_os = "linux")]
fn step_back() {
    // Priorities are those of threads here. Without one it works as well, only less considerately.
    let _ = rustix::process::nice(NICENESS);
}

/// Elsewhere a priority is that of the whole process.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
impl Compiler {
    /// Compiles a module now.
    pub fn compile(&self, tier: &Tier) {
        compile(&self.native, tier);
    }
}
