//! A snapshot that at first holds nothing of the store behind it, as a driver over a remote store sees it.
//!
//! It is what shows that pure code survives absence: run, fetch what is named, run again, and the result must be
//! that of a run over the whole store. It is not a cache: real drivers have their own.

use crate::snapshot::{Absent, Key, Snapshot, Value};
use std::collections::BTreeSet;

/// `store`, of which only what was [fetched](Sparse::fetch) can be read.
#[derive(Debug, Clone)]
pub struct Sparse<S> {
    store: S,
    fetched: BTreeSet<Absent>,
}

impl<S: Snapshot> Sparse<S> {
    /// A view of `store` in which every first read is absent.
    pub fn new(store: S) -> Sparse<S> {
        Sparse { store, fetched: BTreeSet::new() }
    }

    /// Makes what was absent readable. False if it was readable before: whoever asks twice makes no progress.
    pub fn fetch(&mut self, absent: Absent) -> bool {
        self.fetched.insert(absent)
    }

    /// Runs `work` again and again, each time with what it found missing, until it is done.
    /// Answers its result and how many times something was missing.
    ///
    /// # Panics
    /// When `work` asks twice for the same.
    pub fn run<T>(&mut self, mut work: impl FnMut(&Sparse<S>) -> Result<T, Absent>) -> (T, usize) {
        let mut misses = 0;
        loop {
            match work(self) {
                Ok(done) => return (done, misses),
                Err(absent) => assert!(self.fetch(absent.clone()), "asked twice for {absent:?}"),
            }
            misses += 1;
        }
    }

    fn check(&self, read: Absent) -> Result<(), Absent> {
        if self.fetched.contains(&read) { Ok(()) } else { Err(read) }
    }
}

impl<S: Snapshot> Snapshot for Sparse<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        self.check(Absent::Key(key.into()))?;
        self.store.get(key)
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        self.check(Absent::Range { prefix: prefix.into(), start: start.max(prefix).into(), limit })?;
        self.store.scan(prefix, start, limit)
    }
}
