//! A worker: owns the chains whose ids fall to it, and steps them one after the other.

mod elsewhere;

use super::{
    Context,
    aside::Aside,
    job::{Attempt, ChainRequest, Ended, Group, Handed, Job, Stepped, Unstepped, Waiting},
};
use myceline_node::{Cell, Lacking, Patience, Retry, Step};
use myceline_storage::Store;
use myceline_types::{ChainId, Proposal, TimeDelta, Timestamp, crypto::OwnerClaim};
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
/// Fuel that a step may burn before it is tried out elsewhere: some milliseconds, in which other chains wait.
const PATIENCE: Patience = Patience::Fuel(4_000_000);

/// A chain in memory.
struct Loaded {
    cell: Cell,
    /// The last group that holds something of it.
    group: u64,
    used: Timestamp,
}

/// What a worker is connected to.
pub(super) struct Ends<S: Store> {
    pub(super) jobs: Receiver<Job<S>>,
    pub(super) me: SyncSender<Job<S>>,
    pub(super) groups: SyncSender<Handed>,
    pub(super) aside: Option<Aside<S>>,
    pub(super) durable: Arc<AtomicU64>,
}

pub(super) struct Worker<S: Store> {
    context: Context<S>,
    index: usize,
    jobs: Receiver<Job<S>>,
    /// To itself, for what is done elsewhere.
    me: SyncSender<Job<S>>,
    groups: SyncSender<Handed>,
    /// Runs what takes long; without it everything is run here.
    aside: Option<Aside<S>>,
    /// Chains of which something is tried out, with what else waits until that is over.
    tried_out: BTreeMap<ChainId, Vec<Attempt<S>>>,
    /// How many of this worker's groups are durable.
    durable: Arc<AtomicU64>,
    handed_over: u64,
    cells: BTreeMap<ChainId, Loaded>,
    waiting: Vec<Waiting<S>>,
    swept: Timestamp,
}

impl<S: Store> Worker<S> {
    pub(super) fn new(context: Context<S>, index: usize, ends: Ends<S>) -> Worker<S> {
        let Ends { jobs, me, groups, aside, durable } = ends;
        let (cells, waiting, tried_out) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        let swept = context.clock.now();
        Worker { context, index, jobs, me, groups, aside, tried_out, durable, handed_over: 0, cells, waiting, swept }
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
        let proposals: Vec<&Proposal> = proposals.collect();
        if proposals.len() > 1 {
            let digests = Proposal::digests(network, proposals.iter().copied());
            let signed = proposals.into_iter().zip(digests);
            let claims: Vec<OwnerClaim<'_>> = signed
                .map(|(proposal, digest)| OwnerClaim {
                    owner: &proposal.proposer,
                    digest,
                    signature: &proposal.signature,
                })
                .collect();
            self.context.verifier.verify_owner_batch(&claims);
        }
    }

    fn take(&mut self, job: Job<S>, view: &S::View, steps: &mut Vec<Stepped>) {
        match job {
            Job::Step { chain, request, done } => self.step(Attempt::new(chain, request, done), view, steps, true),
            Job::Rows { rows, done } => steps.push(Stepped { step: Step { rows, ..Step::default() }, done }),
            Job::Arrived(chains) => chains.into_iter().for_each(|chain| self.arrived(chain, view, steps)),
            Job::Answered { attempt, key, answer } => self.answered(*attempt, key, answer, view, steps),
            Job::TriedOut(tried) => self.tried_out(*tried, view, steps),
            Job::Stop => (),
        }
    }

    fn step(&mut self, mut attempt: Attempt<S>, view: &S::View, steps: &mut Vec<Stepped>, may_wait: bool) {
        match self.try_step(&mut attempt, view, self.patience_with_steps()) {
            Ok(step) => self.stepped(step, attempt, steps, may_wait),
            Err(Unstepped::Asks(request)) => self.ask(attempt, *request),
            Err(Unstepped::TooLong) => self.put_aside(attempt, view, steps),
            Err(Unstepped::Unreadable(why)) => (attempt.done)(Ended::Unreadable(why)),
        }
    }

    /// A step was taken; `None` where the chain does not exist.
    fn stepped(&mut self, step: Option<Step>, attempt: Attempt<S>, steps: &mut Vec<Stepped>, may_wait: bool) {
        let Some(mut step) = step else { return (attempt.done)(Ended::UnknownChain) };
        match step.retry.filter(|_| may_wait && self.waiting.len() < WAITING_MAX) {
            Some(retry) => {
                self.waiting.push(Waiting { until: self.wait_until(retry), attempt });
                // The answer waits. What the chain has learnt (R13), even a whole block, does not: the cell has taken it.
                step.answer = None;
                steps.push(Stepped { step, done: Box::new(|_| ()) });
            }
            None => steps.push(Stepped { step, done: attempt.done }),
        }
    }

    /// Steps a chain; `None` where it does not exist.
    fn try_step(
        &mut self,
        attempt: &mut Attempt<S>,
        view: &S::View,
        patience: Patience,
    ) -> Result<Option<Step>, Unstepped> {
        let Worker { context, cells, handed_over, .. } = self;
        let chain = attempt.chain;
        attempt.take(context, view, patience, |moment, request| {
            let Some(loaded) = load(cells, context, chain, moment.view)? else { return Ok(None) };
            loaded.used = moment.now;
            let step = loaded.cell.step(moment, |work| request.act(work))?;
            loaded.group = *handed_over + 1;
            Ok(Some(step))
        })
    }

    /// How long a step may keep others waiting: not at all in a node where nobody else could take it.
    fn patience_with_steps(&self) -> Patience {
        if self.aside.is_some() { PATIENCE } else { Patience::Endless }
    }

    /// A bundle arrived: proposals that wait for it are tried again, and what was consumed early is compared.
    fn arrived(&mut self, chain: ChainId, view: &S::View, steps: &mut Vec<Stepped>) {
        let ready: Vec<_> = self.waiting.extract_if(.., |waiting| waiting.attempt.chain == chain).collect();
        for Waiting { attempt, .. } in ready {
            self.step(attempt, view, steps, true);
        }
        if self.cells.get(&chain).is_some_and(|loaded| loaded.cell.anticipates()) {
            let reconcile = ChainRequest::Act(Box::new(|work| work.reconcile()));
            self.step(Attempt::new(chain, reconcile, Box::new(|_| ())), view, steps, false);
        }
    }

    /// Tries once more what has waited long enough, and answers with what it gets.
    fn give_up_waiting(&mut self, view: &S::View, steps: &mut Vec<Stepped>) {
        let time = self.now();
        let over: Vec<_> = self.waiting.extract_if(.., |waiting| waiting.until <= time).collect();
        for Waiting { attempt, .. } in over {
            self.step(attempt, view, steps, false);
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
