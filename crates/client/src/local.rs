//! Drives many chains over one store: workers step them, one committer makes their steps durable in groups, and only then
//! is anything said. Clients drive their own chains with it, validators everybody's.
//!
//! ```text
//! jobs ──► worker (owns its chains; steps what has come together) ──► committer ──► answers, notifications
//!            ▲                                                         one batch, one signature, one fsync
//!            └───────────────── what is durable, bundles that arrived ◄────┘
//! ```
//!
//! Chains are spread over workers by their ids and a chain is only ever touched by its worker, so there are no locks around
//! chains. A worker does not wait for the disk: it steps on from its own memory of what it has handed to the committer.

mod aside;
mod committer;
mod job;
mod stepper;
mod stepping;
mod worker;

pub use committer::Durable;
pub use job::{Act, Attempt, ChainRequest, Done, Ended, Job, TriedOut};
pub use stepper::Stepper;

use crate::clock::Clock;
use aside::Aside;
use committer::{Committer, worker_of};
use job::Handed;
use myceline_node::{Engine, KnownBlobs, Lacking, Network, Role, Sealer, VoteKey, Web, Work};
use myceline_state::Batch;
use myceline_storage::{CommitError, Store};
use myceline_types::{ChainId, crypto::CryptoVerifier};
use std::{
    sync::{
        Arc,
        atomic::AtomicU64,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::{Notify, oneshot};
use worker::{Ends, Worker};

/// Jobs that wait for one worker; more are refused, since their askers would only wait longer.
const JOBS_MAX: usize = 16_384;
/// Batches of steps that wait for the committer. A worker that is so far ahead waits for the disk.
const GROUPS_MAX: usize = 64;

/// What a local node is made of.
pub struct Options {
    /// Who keeps the chains.
    pub role: Role,
    /// A validator's key.
    pub key: Option<VoteKey>,
    /// How many workers step chains: as many as there are cores to spare.
    pub workers: usize,
    /// Tells the time.
    pub clock: Clock,
    /// Runs applications.
    pub engine: Arc<dyn Engine>,
    /// Asks servers for them.
    pub web: Arc<dyn Web>,
    /// Is told of every group once it is durable. It must not block.
    pub on_durable: Box<dyn Fn(Durable<'_>) + Send>,
    /// Is told when the store cannot be written any more, or when a worker has panicked. The process must end: what is on disk,
    /// or in memory, is unknown.
    pub on_failure: Box<dyn Fn(CommitError) + Send>,
}

/// A handle to a local node. The node ends when its last handle is dropped, after finishing what was asked.
pub struct LocalNode<S: Store> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: Store> {
    context: Context<S>,
    workers: Vec<SyncSender<Job<S>>>,
    threads: Vec<JoinHandle<()>>,
}

/// What everybody in a local node can reach.
#[derive(Clone)]
struct Context<S: Store> {
    network: Arc<Network>,
    store: S,
    verifier: Arc<CryptoVerifier>,
    known_blobs: Arc<KnownBlobs>,
    role: Role,
    clock: Clock,
    engine: Arc<dyn Engine>,
    web: Arc<dyn Web>,
    /// Rings when something is asked or answered, where somebody steps the node by hand.
    bell: Option<Arc<Notify>>,
}

/// A local node that nobody runs yet.
struct Parts<S: Store> {
    context: Context<S>,
    senders: Vec<SyncSender<Job<S>>>,
    workers: Vec<Worker<S>>,
    committer: Committer<S>,
    groups: Receiver<Handed>,
}

impl<S: Store> Clone for LocalNode<S> {
    fn clone(&self) -> LocalNode<S> {
        LocalNode { shared: self.shared.clone() }
    }
}

/// A job did not come to an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// The chain does not exist here.
    #[error("chain {0} is not known here: synchronise the chain that opened it first")]
    UnknownChain(ChainId),
    /// More is asked than can be done, or the node is ending.
    #[error("too busy: try again in a moment")]
    Busy,
    /// The store cannot be read.
    #[error("the store cannot be read: {0}")]
    Unreadable(String),
}

/// Something that was begun with a chain.
pub struct Acted<T> {
    chain: ChainId,
    value: oneshot::Receiver<T>,
    ended: oneshot::Receiver<Ended>,
}

impl<T> Acted<T> {
    /// What it gives, before it is durable: nobody else may learn of it yet.
    pub async fn early(&mut self) -> Result<T, LocalError> {
        match (&mut self.value).await {
            Ok(value) => Ok(value),
            Err(_) => Err(self.why_not().await),
        }
    }

    /// What it gives, once it is durable.
    pub async fn durable(mut self) -> Result<T, LocalError> {
        let value = self.early().await?;
        self.settled().await?;
        Ok(value)
    }

    /// Waits until what it did is durable.
    pub async fn settled(self) -> Result<(), LocalError> {
        match self.ended.await {
            Ok(Ended::Durable(_)) => Ok(()),
            Ok(Ended::UnknownChain) => Err(LocalError::UnknownChain(self.chain)),
            Ok(Ended::Unreadable(why)) => Err(LocalError::Unreadable(why)),
            Err(_) => Err(LocalError::Busy),
        }
    }

    async fn why_not(&mut self) -> LocalError {
        match (&mut self.ended).await {
            Ok(Ended::UnknownChain) => LocalError::UnknownChain(self.chain),
            Ok(Ended::Unreadable(why)) => LocalError::Unreadable(why),
            Ok(Ended::Durable(_)) | Err(_) => LocalError::Busy,
        }
    }
}

impl<S: Store> Drop for Shared<S> {
    /// Lets everything that was asked come to its end.
    fn drop(&mut self) {
        for worker in &self.workers {
            // A worker that is gone needs no telling.
            let _ = worker.send(Job::Stop);
        }
        for thread in self.threads.drain(..) {
            if thread.thread().id() != thread::current().id() {
                // A panic of the thread was reported where it happened.
                let _ = thread.join();
            }
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::Builder::new().name(name.into()).spawn(run).expect("this process may start a handful of threads")
}

/// Whoever does not wait for a value has dropped the other end.
fn tell<T>(waiter: oneshot::Sender<T>, value: T) {
    let _ = waiter.send(value);
}

/// Who steps a node: threads, or somebody by hand.
struct SteppedBy<S: Store> {
    aside: Option<Aside<S>>,
    bell: Option<Arc<Notify>>,
}

impl<S: Store> Parts<S> {
    fn new(network: Arc<Network>, store: S, options: Options, by: SteppedBy<S>) -> Parts<S> {
        let Options { role, key, workers: count, clock, engine, web, on_durable, on_failure } = options;
        let sealer = Sealer::new(key, clock.now().0);
        let verifier = Arc::new(CryptoVerifier::new());
        let SteppedBy { aside, bell } = by;
        let context = Context {
            network,
            store: store.clone(),
            verifier,
            known_blobs: Arc::default(),
            role,
            clock,
            engine,
            web,
            bell,
        };
        let (handing_over, groups) = sync_channel(GROUPS_MAX);
        let (mut workers, mut senders, mut durable) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..count.max(1) {
            let (sender, jobs) = sync_channel(JOBS_MAX);
            let mark = Arc::new(AtomicU64::new(0));
            let (me, groups, aside) = (sender.clone(), handing_over.clone(), aside.clone());
            let ends = Ends { jobs, me, groups, aside, durable: mark.clone() };
            workers.push(Worker::new(context.clone(), index, ends));
            senders.push(sender);
            durable.push(mark);
        }
        let committer = Committer {
            store,
            sealer,
            network: context.network.id(),
            verifier: context.verifier.clone(),
            durable,
            workers: senders.clone(),
            on_durable,
            on_failure,
        };
        Parts { context, senders, workers, committer, groups }
    }
}

impl<S: Store> LocalNode<S> {
    /// Starts the workers and the committer.
    pub fn start(network: Arc<Network>, store: S, options: Options) -> LocalNode<S> {
        // One for each two workers, so that long runs never have all cores even where priorities count for nothing.
        let aside = Some(Aside::start(options.workers.div_ceil(2)));
        let Parts { context, senders, workers, committer, groups } =
            Parts::new(network, store, options, SteppedBy { aside, bell: None });
        let mut threads = Vec::new();
        for (index, worker) in workers.into_iter().enumerate() {
            threads.push(spawn(&format!("worker-{index}"), move || worker.run()));
        }
        threads.push(spawn("committer", move || committer.run(&groups)));
        LocalNode { shared: Arc::new(Shared { context, workers: senders, threads }) }
    }

    /// A node without threads and with one worker: whoever holds the [`Stepper`] says when it steps and when it commits.
    pub fn stepped(network: Arc<Network>, store: S, options: Options) -> (LocalNode<S>, Stepper<S>) {
        let bell = Arc::new(Notify::new());
        let by = SteppedBy { aside: None, bell: Some(bell.clone()) };
        let parts = Parts::new(network, store, Options { workers: 1, ..options }, by);
        let Parts { context, senders, mut workers, committer, groups } = parts;
        let worker = workers.pop().expect("one worker was asked for");
        let shared = Shared { context, workers: senders, threads: Vec::new() };
        (LocalNode { shared: Arc::new(shared) }, Stepper { worker, committer, groups, bell })
    }

    /// The network.
    pub fn network(&self) -> &Arc<Network> {
        &self.shared.context.network
    }

    /// Knows signatures, and remembers which it has checked.
    pub fn verifier(&self) -> &Arc<CryptoVerifier> {
        &self.shared.context.verifier
    }

    /// Tells the time here.
    pub fn clock(&self) -> &Clock {
        &self.shared.context.clock
    }

    /// A view of what is durable.
    pub fn view(&self) -> S::View {
        self.shared.context.store.view()
    }

    /// Hands a step to the worker that has the chain. Where there is no room the caller is told by what it gets back.
    pub fn submit(&self, chain: ChainId, request: ChainRequest<S>, done: Done) -> Result<(), Done> {
        match self.send(worker_of(chain, self.shared.workers.len()), Job::Step { chain, request, done }) {
            Err(TrySendError::Full(Job::Step { done, .. }) | TrySendError::Disconnected(Job::Step { done, .. })) => {
                Err(done)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Does something with a chain in code of the owner's side; what it gives can be had before and after it is durable.
    pub fn act<T: Send + 'static>(
        &self,
        chain: ChainId,
        mut act: impl FnMut(&mut Work<'_, S::View>) -> Result<T, Lacking> + Send + 'static,
    ) -> Acted<T> {
        let (early, value) = oneshot::channel();
        let mut early = Some(early);
        let act: Act<S> = Box::new(move |work| {
            let value = act(work)?;
            // What was only tried out did not happen.
            if let Some(early) = early.take_if(|_| !work.is_trial()) {
                tell(early, value);
            }
            Ok(())
        });
        self.ask(chain, ChainRequest::Act(act), value)
    }

    /// Looks at a chain, or executes something on it, and changes nothing. What takes long keeps nobody else waiting.
    pub fn look<T: Send + 'static>(
        &self,
        chain: ChainId,
        mut look: impl FnMut(&mut Work<'_, S::View>) -> Result<T, Lacking> + Send + 'static,
    ) -> Acted<T> {
        let (early, value) = oneshot::channel();
        let mut early = Some(early);
        let look: Act<S> = Box::new(move |work| {
            let value = look(work)?;
            if let Some(early) = early.take() {
                tell(early, value);
            }
            Ok(())
        });
        self.ask(chain, ChainRequest::Look(look), value)
    }

    fn ask<T>(&self, chain: ChainId, request: ChainRequest<S>, value: oneshot::Receiver<T>) -> Acted<T> {
        let (done, ended) = oneshot::channel();
        // A rejected job drops both ends, which says that the node is busy.
        let _ = self.submit(chain, request, Box::new(move |how| drop(done.send(how))));
        Acted { chain, value, ended }
    }

    /// Writes rows that belong to no chain; returns when they are durable.
    pub async fn write(&self, rows: Batch) -> Result<(), LocalError> {
        let (done, ended) = oneshot::channel();
        let done: Done = Box::new(move |how| drop(done.send(how)));
        let job = Job::Rows { rows, done };
        self.send(0, job).map_err(|_| LocalError::Busy)?;
        ended.await.map(|_| ()).map_err(|_| LocalError::Busy)
    }

    fn send(&self, worker: usize, job: Job<S>) -> Result<(), TrySendError<Job<S>>> {
        let Shared { workers, context, .. } = &*self.shared;
        workers[worker].try_send(job)?;
        context.bell.as_ref().inspect(|bell| bell.notify_one());
        Ok(())
    }
}
