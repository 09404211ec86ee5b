//! The committer: makes groups of steps durable, and only then lets anything of them be known.

use super::job::{Ended, Group, Handed, Job, Stepped};
use myceline_node::{Committed, Sealed, Sealer};
use myceline_storage::{CommitError, Store};
use myceline_types::{
    ChainId, NetworkId, Vote,
    api::{Notification, Reason},
    crypto::CryptoVerifier,
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender},
    },
    time::{Duration, Instant},
};

/// Groups that are made durable together. Under load it grows by itself: more comes while the disk is busy.
pub(super) const GROUPS_TOGETHER_MAX: usize = 64;

/// A group that became durable: for whoever counts, watches or tells others.
#[derive(Clone, Copy, Debug)]
pub struct Durable<'a> {
    /// What happened.
    pub notifications: &'a [Notification],
    /// Chains that the validators lead from now on.
    pub public: &'a [ChainId],
    /// The votes that were signed.
    pub votes: &'a [Vote],
    /// How many steps shared the group.
    pub steps: usize,
    /// The blocks that it committed.
    pub commits: &'a Committed,
    /// How long the store took.
    pub took: Duration,
}

pub(super) struct Committer<S: Store> {
    pub(super) store: S,
    pub(super) sealer: Sealer,
    pub(super) network: NetworkId,
    pub(super) verifier: Arc<CryptoVerifier>,
    pub(super) durable: Vec<Arc<AtomicU64>>,
    pub(super) workers: Vec<SyncSender<Job<S>>>,
    pub(super) on_durable: Box<dyn Fn(Durable<'_>) + Send>,
    pub(super) on_failure: Box<dyn Fn(CommitError) + Send>,
}

impl<S: Store> Committer<S> {
    /// Commits what comes until all workers have ended, one has panicked, or the store fails.
    pub(super) fn run(mut self, groups: &Receiver<Handed>) {
        while let Ok(first) = groups.recv() {
            let mut together = vec![first];
            together.extend(groups.try_iter().take(GROUPS_TOGETHER_MAX - 1));
            if let Err(error) = self.commit(together) {
                (self.on_failure)(error);
                return;
            }
        }
    }

    /// Makes groups durable together, and answers.
    pub(super) fn commit(&mut self, handed: Vec<Handed>) -> Result<(), CommitError> {
        let groups = handed.into_iter().map(Handed::into_group).collect::<Result<Vec<Group>, _>>()?;
        let marks: Vec<(usize, u64)> = groups.iter().map(|group| (group.worker, group.count)).collect();
        let stepped = groups.into_iter().flat_map(|group| group.steps);
        let (steps, dones): (Vec<_>, Vec<_>) = stepped.map(|Stepped { step, done }| (step, done)).unzip();
        let count = steps.len();
        let mut sealed = self
            .sealer
            .seal(&self.store.view(), steps)
            .map_err(|absent| CommitError::new(format!("a row that sealing needs cannot be read: {absent:?}")))?;
        for top in sealed.tops.drain(..) {
            self.verifier.remember_signed(self.network, top);
        }
        let began = Instant::now();
        if !sealed.batches.is_empty() {
            pollster::block_on(self.store.commit(std::mem::take(&mut sealed.batches)))?;
        }
        let took = began.elapsed();
        for (worker, count) in marks {
            self.durable[worker].fetch_max(count, Ordering::Release);
        }
        let Sealed { responses, notifications, public, votes, commits, .. } = sealed;
        for (done, response) in dones.into_iter().zip(responses) {
            done(Ended::Durable(response));
        }
        self.nudge(&notifications);
        let (notifications, public, votes, commits) = (&notifications[..], &public[..], &votes[..], &commits);
        (self.on_durable)(Durable { notifications, public, votes, steps: count, commits, took });
        Ok(())
    }

    /// Tells workers of bundles that arrived for their chains.
    fn nudge(&self, notifications: &[Notification]) {
        let recipients: BTreeSet<ChainId> = notifications.iter().filter_map(recipient).collect();
        let mut arrived = vec![Vec::new(); self.workers.len()];
        for chain in recipients {
            arrived[worker_of(chain, self.workers.len())].push(chain);
        }
        for (worker, chains) in self.workers.iter().zip(arrived).filter(|(_, chains)| !chains.is_empty()) {
            // A nudge that does not fit is lost, which loses nothing: whoever waits tries again by itself.
            let _ = worker.try_send(Job::Arrived(chains));
        }
    }
}

/// The chain that a bundle arrived for, if that is what is told.
fn recipient(notification: &Notification) -> Option<ChainId> {
    match notification.reason {
        Reason::Incoming { chain, .. } => Some(chain),
        _ => None,
    }
}

/// The worker that has a chain.
pub(super) fn worker_of(chain: ChainId, workers: usize) -> usize {
    usize::from(u16::from_be_bytes([chain.0.0[0], chain.0.0[1]])) % workers
}
