//! The time of a test: it passes as everywhere, from a fixed day on, and jumps when the test says so.

use myceline_client::Clock;
use myceline_types::{TimeDelta, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// The first of January 2026.
const START: Timestamp = Timestamp(1_767_225_600_000_000);

/// A clock that can be put forward.
#[derive(Clone)]
pub(crate) struct TestClock {
    began: Instant,
    /// How far it was put forward, in microseconds.
    ahead: Arc<AtomicU64>,
}

impl TestClock {
    pub(crate) fn new() -> TestClock {
        TestClock { began: Instant::now(), ahead: Arc::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        START.after(TimeDelta(passed)).after(TimeDelta(self.ahead.load(Ordering::SeqCst)))
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.0, Ordering::SeqCst);
    }

    /// How far it was put forward. What really passed does not come back.
    pub(crate) fn ahead(&self) -> u64 {
        self.ahead.load(Ordering::SeqCst)
    }

    pub(crate) fn set_ahead(&self, ahead: u64) {
        self.ahead.store(ahead, Ordering::SeqCst);
    }

    /// As nodes take it.
    pub(crate) fn shared(&self) -> Clock {
        let clock = self.clone();
        Clock::new(move || clock.now())
    }
}
