//! A worker: owns the chains whose ids fall to it, and steps them one after the other.

use super::{
    Context,
    job::{ChainRequest, Done, Ended, Group, Handed, Job, Stepped, Waiting},
};
use myceline_node::{Cell, Lacking, Moment, Retry, Step};
use myceline_storage::Store;
use myceline_types::{ChainId, TimeDelta, Timestamp, crypto::OwnerClaim};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

/// Jobs that are stepped together: their signatures are checked in one go, and their steps share a group.
const BATCH_MAX: usize = 256;
/// Chains that a worker keeps in memory. An active chain takes some kilobytes.
const CELLS_MAX: usize = 4_096;
/// A chain that nobody asked about for so long leaves memory.
const IDLE: Duration = Duration::from_secs(20);
/// How long a proposal waits for bundles that are on their way.
const ARRIVAL_WAIT: TimeDelta = TimeDelta::from_millis(20);
/// Proposals that wait at once; more are answered at once.
const WAITING_MAX: usize = 1_024;
/// How often fetching rows is tried for one step before the store counts as broken.
const FETCHES_MAX: usize = 64;

/// A chain in memory.
struct Loaded {
    cell: Cell,
    /// The last group that holds something of it.
    group: u64,
    used: Timestamp,
}

pub(super) struct Worker<S: Store> {
    context: Context<S>,
    index: usize,
    jobs: Receiver<Job<S>>,
    groups: SyncSender<Handed>,
    /// How many of this worker's groups are durable.
    durable: Arc<AtomicU64>,
    handed_over: u64,
    cells: BTreeMap<ChainId, Loaded>,
    waiting: Vec<Waiting<S>>,
    swept: Timestamp,
}

impl<S: Store> Worker<S> {
    pub(super) fn new(
        context: Context<S>,
        index: usize,
        jobs: Receiver<Job<S>>,
        groups: SyncSender<Handed>,
        durable: Arc<AtomicU64>,
    ) -> Worker<S> {
        let (cells, waiting) = (BTreeMap::new(), Vec::new());
        let swept = context.clock.now();
        Worker { context, index, jobs, groups, durable, handed_over: 0, cells, waiting, swept }
    }

    /// Steps what comes until it is told to stop.
    pub(super) fn run(mut self) {
        let _alarm = Alarm(self.groups.clone());
        loop {
            let (batch, stop) = self.next_batch();
            self.step_batch(batch);
            if stop {
                return;
            }
        }
    }

    /// Steps what has come so far.
    pub(super) fn step_waiting(&mut self) {
        let (batch, _) = self.gather(Vec::new());
        self.step_batch(batch);
    }

    /// How many groups were handed over and are not durable yet.
    pub(super) fn ahead(&self) -> u64 {
        self.handed_over - self.durable.load(Ordering::Acquire)
    }

    fn step_batch(&mut self, batch: Vec<Job<S>>) {
        let view = self.context.store.view();
        self.check_signatures(&batch);
        let mut steps = Vec::with_capacity(batch.len());
        for job in batch {
            self.take(job, &view, &mut steps);
        }
        self.give_up_waiting(&view, &mut steps);
        self.hand_over(steps);
        self.sweep();
    }

    /// Waits for a job and takes whatever else is there.
    fn next_batch(&mut self) -> (Vec<Job<S>>, bool) {
        match self.jobs.recv_timeout(self.patience()) {
            Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected) => (Vec::new(), true),
            Ok(job) => self.gather(vec![job]),
            Err(RecvTimeoutError::Timeout) => (Vec::new(), false),
        }
    }

    /// Adds whatever else is there, and says whether that is the end.
    fn gather(&self, mut batch: Vec<Job<S>>) -> (Vec<Job<S>>, bool) {
        while batch.len() < BATCH_MAX {
            match self.jobs.try_recv() {
                Ok(Job::Stop) => return (batch, true),
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        (batch, false)
    }

    /// How long nothing has to be done.
    pub(super) fn patience(&self) -> Duration {
        let first = self.waiting.iter().map(|waiting| waiting.until).min();
        first.map_or(IDLE, |until| until.since(self.now()).as_duration().min(IDLE))
    }

    /// Checks the signatures of all proposals together; the steps then find them checked.
    fn check_signatures(&self, batch: &[Job<S>]) {
        let network = self.context.network.id();
        let proposals = batch.iter().filter_map(|job| match job {
            Job::Step { request: ChainRequest::Propose(request), .. } => Some(&request.proposal),
            _ => None,
        });
        let claims: Vec<OwnerClaim<'_>> = proposals
            .map(|proposal| OwnerClaim {
                owner: &proposal.proposer,
                digest: proposal.digest(network),
                signature: &proposal.signature,
            })
            .collect();
        if claims.len() > 1 {
            self.context.verifier.verify_owner_batch(&claims);
        }
    }

    fn take(&mut self, job: Job<S>, view: &S::View, steps: &mut Vec<Stepped>) {
        match job {
            Job::Step { chain, request, done } => self.step(chain, request, done, view, steps, true),
            Job::Rows { rows, done } => steps.push(Stepped { step: Step { rows, ..Step::default() }, done }),
            Job::Arrived(chain) => self.arrived(chain, view, steps),
            Job::Stop => (),
        }
    }

    fn step(
        &mut self,
        chain: ChainId,
        mut request: ChainRequest<S>,
        done: Done,
        view: &S::View,
        steps: &mut Vec<Stepped>,
        may_wait: bool,
    ) {
        match self.try_step(chain, &mut request, view) {
            Ok(Some(mut step)) => match step.retry.filter(|_| may_wait && self.waiting.len() < WAITING_MAX) {
                Some(retry) => {
                    self.waiting.push(Waiting { until: self.wait_until(retry), chain, request, done });
                    // The answer waits. What the chain has learnt (R13), even a whole block, does not: the cell has taken it.
                    step.answer = None;
                    steps.push(Stepped { step, done: Box::new(|_| ()) });
                }
                None => steps.push(Stepped { step, done }),
            },
            Ok(None) => done(Ended::UnknownChain),
            Err(why) => done(Ended::Unreadable(why)),
        }
    }

    /// Steps a chain, fetching what the view lacks; `None` where the chain does not exist.
    fn try_step(
        &mut self,
        chain: ChainId,
        request: &mut ChainRequest<S>,
        view: &S::View,
    ) -> Result<Option<Step>, String> {
        let mut fetched: Option<S::View> = None;
        for _ in 0..FETCHES_MAX {
            let absent = match self.step_on(chain, request, fetched.as_ref().unwrap_or(view)) {
                Ok(step) => return Ok(step),
                Err(Lacking(absent)) => absent,
            };
            let view = fetched.get_or_insert_with(|| view.clone());
            pollster::block_on(self.context.store.prefetch(view, &absent)).map_err(|error| error.to_string())?;
        }
        Err("the store does not answer for rows that it was asked to fetch".into())
    }

    fn step_on(
        &mut self,
        chain: ChainId,
        request: &mut ChainRequest<S>,
        view: &S::View,
    ) -> Result<Option<Step>, Lacking> {
        let time = self.now();
        let Some(loaded) = load(&mut self.cells, &self.context, chain, view)? else { return Ok(None) };
        let Context { verifier, role, engine, .. } = &self.context;
        let moment = Moment { now: time, view, verifier: &**verifier, role: *role, engine: &**engine };
        let step = loaded.cell.step(moment, |work| match request {
            ChainRequest::Propose(request) => work.propose(request),
            ChainRequest::Certificate(request) => work.certificate(request),
            ChainRequest::TimeoutCertificate(timeout) => work.timeout_certificate(timeout),
            ChainRequest::LeaveRound(request) => work.leave_round(request),
            ChainRequest::Info(nonce) => {
                work.info(*nonce);
                Ok(())
            }
            ChainRequest::Act(act) => act(work),
        })?;
        loaded.used = time;
        loaded.group = self.handed_over + 1;
        Ok(Some(step))
    }

    /// A bundle arrived: proposals that wait for it are tried again, and what was consumed early is compared.
    fn arrived(&mut self, chain: ChainId, view: &S::View, steps: &mut Vec<Stepped>) {
        let waiting = std::mem::take(&mut self.waiting);
        let (ready, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|waiting| waiting.chain == chain);
        self.waiting = waiting;
        for Waiting { chain, request, done, .. } in ready {
            self.step(chain, request, done, view, steps, true);
        }
        if self.cells.get(&chain).is_some_and(|loaded| loaded.cell.anticipates()) {
            let reconcile = ChainRequest::Act(Box::new(|work| work.reconcile()));
            self.step(chain, reconcile, Box::new(|_| ()), view, steps, false);
        }
    }

    /// Tries once more what has waited long enough, and answers with what it gets.
    fn give_up_waiting(&mut self, view: &S::View, steps: &mut Vec<Stepped>) {
        if self.waiting.is_empty() {
            return;
        }
        let time = self.now();
        let (over, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting| waiting.until <= time);
        self.waiting = waiting;
        for Waiting { chain, request, done, .. } in over {
            self.step(chain, request, done, view, steps, false);
        }
    }

    fn hand_over(&mut self, steps: Vec<Stepped>) {
        if steps.is_empty() {
            return;
        }
        self.handed_over += 1;
        let group = Group { steps, worker: self.index, count: self.handed_over };
        // The committer only ends before the workers when the store failed: then nobody may be answered.
        let _ = self.groups.send(Handed::Group(group));
    }

    /// Lets go of what is durable: rows of busy chains, chains that nobody asks about, and the oldest where there are too many.
    fn sweep(&mut self) {
        let time = self.now();
        let is_full = self.cells.len() > CELLS_MAX;
        if !is_full && time.since(self.swept).as_duration() < IDLE / 4 {
            return;
        }
        self.swept = time;
        let durable = self.durable.load(Ordering::Acquire);
        let keep_since = if is_full { self.median_use() } else { Timestamp::ZERO };
        self.cells.retain(|_, loaded| {
            let is_idle = time.since(loaded.used).as_duration() > IDLE || loaded.used < keep_since;
            if loaded.group > durable {
                return true;
            }
            loaded.cell.durable();
            !is_idle
        });
    }

    fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    fn wait_until(&self, retry: Retry) -> Timestamp {
        match retry {
            Retry::At(time) => time,
            Retry::OnArrival => self.now().after(ARRIVAL_WAIT),
        }
    }

    fn median_use(&self) -> Timestamp {
        let mut uses: Vec<Timestamp> = self.cells.values().map(|loaded| loaded.used).collect();
        let middle = uses.len() / 2;
        *uses.select_nth_unstable(middle).1
    }
}

/// Tells the committer of a panic: what the worker's chains are in memory is unknown then, so the process must end.
struct Alarm(SyncSender<Handed>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A committer that is gone has told of a failure itself.
            let _ = self.0.send(Handed::Panicked);
        }
    }
}

/// The chain in memory, loaded if it was not.
fn load<'a, S: Store>(
    cells: &'a mut BTreeMap<ChainId, Loaded>,
    context: &Context<S>,
    chain: ChainId,
    view: &S::View,
) -> Result<Option<&'a mut Loaded>, Lacking> {
    match cells.entry(chain) {
        Entry::Occupied(loaded) => Ok(Some(loaded.into_mut())),
        Entry::Vacant(place) => {
            let cell = Cell::load(&context.network, chain, view)?;
            Ok(cell.map(|cell| place.insert(Loaded { cell, group: 0, used: context.clock.now() })))
        }
    }
}
