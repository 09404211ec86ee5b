//! What happened, line by line, and a hash of all lines: two runs of one seed must have the same.

use myceline_types::Hash;
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;

/// Somebody in the simulated network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Actor {
    /// The validator at this place of the committee.
    Validator(u8),
    /// A device with a wallet.
    Device(u8),
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Validator(place) => write!(formatter, "v{place}"),
            Actor::Device(number) => write!(formatter, "d{number}"),
        }
    }
}

/// The record of a run. It is kept only where somebody wants to read it.
pub struct Trace {
    begun: Instant,
    record: Mutex<Record>,
}

struct Record {
    hash: Hash,
    count: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// An empty record, within a runtime whose time is simulated.
    pub fn new(is_kept: bool) -> Trace {
        let record = Record { hash: Hash::ZERO, count: 0, lines: is_kept.then(Vec::new) };
        Trace { begun: Instant::now(), record: Mutex::new(record) }
    }

    /// Notes what somebody does or what happens to them.
    pub fn note(&self, who: Actor, what: fmt::Arguments<'_>) {
        let line = format!("{:>10.3} s  {who:<4} {what}", self.begun.elapsed().as_secs_f64());
        let mut record = lock(&self.record);
        record.hash = Hash::of_parts(&[record.hash.as_bytes(), line.as_bytes()]);
        record.count += 1;
        record.lines.iter_mut().for_each(|lines| lines.push(line.clone()));
    }

    /// A hash of everything noted, and how many notes there are.
    pub fn digest(&self) -> (Hash, u64) {
        let record = lock(&self.record);
        (record.hash, record.count)
    }

    /// The lines, where they were kept.
    pub fn lines(&self) -> Vec<String> {
        lock(&self.record).lines.clone().unwrap_or_default()
    }
}

/// Locks what only one thread ever touches: the lock is there because tasks could move.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
