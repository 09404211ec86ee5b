//! Notifications: kept for a while so that a broken stream can resume, and handed to whoever subscribed to the chain.

use myceline_rpc::Subscriber;
use myceline_types::{
    ChainId,
    api::{Notification, Reason, Subscribe},
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Notifications kept for subscribers that resume: seconds of a busy validator, two megabytes.
const KEPT_MAX: usize = 16_384;

/// What happened lately, and who wants to know.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: VecDeque<Notification>,
    subscribers: BTreeMap<u64, Subscriber>,
    by_chain: BTreeMap<ChainId, BTreeSet<u64>>,
    next: u64,
}

impl Hub {
    /// Tells subscribers what happened. Never blocks.
    pub fn publish(&self, notifications: &[Notification]) {
        let mut state = self.lock();
        let mut gone = BTreeSet::new();
        for notification in notifications {
            state.tell(notification, &mut gone);
            state.keep(*notification);
        }
        gone.into_iter().for_each(|subscriber| state.forget(subscriber));
    }

    /// Adds a subscriber, after telling it what it missed, or that nobody knows any more.
    pub fn subscribe(&self, subscribe: Subscribe, subscriber: Subscriber) {
        let mut state = self.lock();
        let chains: BTreeSet<ChainId> = subscribe.chains.into_iter().collect();
        if let Some(resume) = subscribe.resume {
            state.replay(resume, &chains, &subscriber);
        }
        let id = state.next;
        state.next += 1;
        for chain in chains {
            state.by_chain.entry(chain).or_default().insert(id);
        }
        state.subscribers.insert(id, subscriber);
    }

    /// How many subscribers there are.
    pub fn subscribers(&self) -> usize {
        self.lock().subscribers.len()
    }

    /// Ends all subscriptions.
    pub fn close(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock panics half way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&self, notification: &Notification, gone: &mut BTreeSet<u64>) {
        let Some(chain) = chain_of(&notification.reason) else { return };
        for id in self.by_chain.get(&chain).into_iter().flatten() {
            if self.subscribers[id].notify(*notification).is_err() {
                gone.insert(*id);
            }
        }
    }

    fn keep(&mut self, notification: Notification) {
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(notification);
    }

    fn forget(&mut self, subscriber: u64) {
        self.subscribers.remove(&subscriber);
        self.by_chain.retain(|_, subscribers| {
            subscribers.remove(&subscriber);
            !subscribers.is_empty()
        });
    }

    fn replay(&self, resume: u64, chains: &BTreeSet<ChainId>, subscriber: &Subscriber) {
        let first = self.kept.front().map(|notification| notification.sequence);
        if first.is_none_or(|first| first > resume.saturating_add(1)) {
            // A subscriber that is gone already learns nothing, and is forgotten at the next notification.
            let _ = subscriber.notify(Notification { sequence: resume, reason: Reason::Gap });
        }
        let missed = self.kept.iter().filter(|notification| notification.sequence > resume);
        for notification in
            missed.filter(|missed| chain_of(&missed.reason).is_some_and(|chain| chains.contains(&chain)))
        {
            let _ = subscriber.notify(*notification);
        }
    }
}

fn chain_of(reason: &Reason) -> Option<ChainId> {
    match reason {
        Reason::NewBlock { chain, .. } | Reason::Incoming { chain, .. } | Reason::NewRound { chain, .. } => {
            Some(*chain)
        }
        Reason::Gap => None,
    }
}
