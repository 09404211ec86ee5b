//! What happens behind the commits: full segments are flushed into tables, and tables are merged.
//!
//! One thread flushes and another merges, so that a long merge does not hold up the log.

use super::{tables::Tables, views::Moments};
use std::{
    collections::VecDeque,
    error::Error,
    fs,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

/// How many flushed segments are kept to be written again.
const SPARES_MAX: usize = 2;
/// Merging after a flush takes a few steps where several levels are too large; more flushes bring more steps.
const MERGES_PER_FLUSH: usize = 3;

/// Segments between the log and the tables, and whether anything has failed.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    spares: VecDeque<PathBuf>,
    failure: Option<Arc<str>>,
}

/// Something failed earlier, so that nothing more may be committed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("an earlier write failed: {0}")]
pub(super) struct Failed(Arc<str>);

impl Backlog {
    /// Whether commits may go on.
    pub(super) fn check(&self) -> Result<(), Failed> {
        self.state().failure.clone().map_or(Ok(()), |why| Err(Failed(why)))
    }

    /// From now on nothing is committed.
    pub(super) fn fail(&self, why: &dyn Error) {
        self.state().failure.get_or_insert(why.to_string().into());
        self.changed.notify_all();
    }

    /// Waits until fewer than `limit` segments wait for their flush; returns a file to write again, if there is one.
    pub(super) fn make_room(&self, limit: usize) -> Result<Option<PathBuf>, Failed> {
        let state = self.state();
        let room = |state: &mut State| state.waiting >= limit && state.failure.is_none();
        let mut state = self.changed.wait_while(state, room).unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            Some(why) => Err(Failed(why.clone())),
            None => Ok(state.spares.pop_front()),
        }
    }

    /// A segment is full and waits.
    fn add(&self) {
        self.state().waiting += 1;
    }

    /// The rows of a segment are in the tables.
    fn flushed(&self, segment: PathBuf) {
        self.state().waiting -= 1;
        self.spare(segment);
        self.changed.notify_all();
    }

    /// Keeps a file for the log, or removes it. A file that cannot be removed is replayed for nothing, no more.
    pub(super) fn spare(&self, segment: PathBuf) {
        let state = &mut *self.state();
        state.spares.push_back(segment);
        // The oldest goes, so that the names that remain are a chain without a gap.
        if state.spares.len() > SPARES_MAX {
            state.spares.pop_front().map(fs::remove_file);
        }
    }

    /// Nothing panics between two changes that belong together.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The two threads. They end when this is dropped, after what they are at.
#[derive(Debug)]
pub(super) struct Background {
    full: Option<mpsc::Sender<PathBuf>>,
    threads: Vec<JoinHandle<()>>,
    backlog: Arc<Backlog>,
}

impl Background {
    pub(super) fn start(
        tables: &Arc<Tables>,
        moments: &Arc<Moments>,
        backlog: &Arc<Backlog>,
    ) -> std::io::Result<Background> {
        let (full, segments) = mpsc::channel();
        // One wake-up in the queue is enough: a merge looks at everything that is there.
        let (wake, woken) = mpsc::sync_channel(1);
        let worker = Worker { tables: tables.clone(), moments: moments.clone(), backlog: backlog.clone() };
        let merger = worker.clone();
        let threads = vec![
            thread::Builder::new().name("storage-flush".into()).spawn(move || worker.flush_all(segments, wake))?,
            thread::Builder::new().name("storage-merge".into()).spawn(move || merger.merge_all(woken))?,
        ];
        Ok(Background { full: Some(full), threads, backlog: backlog.clone() })
    }

    /// Hands over a full segment whose rows the tables have sealed.
    pub(super) fn flush(&self, segment: PathBuf) {
        self.backlog.add();
        // The flusher is gone only after a failure, which the next commit reports.
        self.full.as_ref().map(|full| full.send(segment));
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.full = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct Worker {
    tables: Arc<Tables>,
    moments: Arc<Moments>,
    backlog: Arc<Backlog>,
}

impl Worker {
    fn flush_all(&self, segments: mpsc::Receiver<PathBuf>, wake: mpsc::SyncSender<()>) {
        let _alarm = Alarm(&self.backlog);
        for segment in segments {
            match self.flush() {
                Ok(()) => self.backlog.flushed(segment),
                Err(why) => return self.backlog.fail(&why),
            }
            // A full queue means that the merger is about to look anyway.
            let _ = wake.try_send(());
        }
    }

    fn flush(&self) -> lsm_tree::Result<()> {
        // Then commits wait for the flusher in turn.
        if self.tables.is_behind() {
            self.tables.compact(self.moments.oldest())?;
        }
        self.tables.flush(self.moments.oldest())
    }

    fn merge_all(&self, woken: mpsc::Receiver<()>) {
        let _alarm = Alarm(&self.backlog);
        for () in woken {
            for _ in 0..MERGES_PER_FLUSH {
                if let Err(why) = self.tables.compact(self.moments.oldest()) {
                    return self.backlog.fail(&why);
                }
            }
        }
    }
}

/// Stops commits when the thread that holds this panics: otherwise they would wait for it for ever.
struct Alarm<'a>(&'a Backlog);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(&Panicked);
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a background thread panicked")]
struct Panicked;
