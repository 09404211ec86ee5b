//! The embedded engine: a write-ahead log of our own in front of log-structured merge trees.
//!
//! A commit is one append to the log and one fdatasync, then the rows enter the memory of the open segment. When a segment of the log
//! is full, its rows are flushed to the trees' files in the background and the segment is used again. Opening a store replays what
//! the tables lack, so closing one is the same as crashing. Why it is made this way: docs/adr/0003-embedded-engine.md.
//!
//! ```text
//! folder/lock            who has the store open
//! folder/identity        format, network, layout, incarnation
//! folder/log/N.log       records from number N on
//! folder/tables/NAME/    one tree each
//! ```

mod background;
mod error;
mod files;
mod fresh;
mod identity;
mod lock;
mod log;
mod record;
mod tables;
mod tuning;
mod views;

pub use error::OpenError;
pub use files::is_memory_file_system;
pub use lock::{Holder, Lock, LockError};
pub use tuning::Tuning;
pub use views::EmbeddedView;

use crate::store::{CommitError, ReadError, Store};
use background::{Background, Backlog};
use identity::Identity;
use log::Log;
use myceline_state::{Absent, Batch};
use myceline_types::Hash;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tables::{NO_VIEW, Tables};
use views::Moments;

/// What a store is opened for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The network that its rows belong to.
    pub network: Hash,
    /// The tables, by the first byte of their keys, whose rows are added in ascending order and hardly ever changed. A store
    /// keeps the choice that it was made with.
    pub appended: Vec<u8>,
    /// Sizes.
    pub tuning: Tuning,
}

impl Options {
    /// The usual sizes.
    pub fn new(network: Hash, appended: &[u8]) -> Options {
        Options { network, appended: appended.into(), tuning: Tuning::default() }
    }
}

/// A store in a folder of this machine. Clones share it; the last one, or the last view, closes it.
#[derive(Clone)]
pub struct Embedded {
    shared: Arc<Shared>,
}

/// Fields are dropped in this order: the lock is given back when nothing writes any more.
struct Shared {
    background: Background,
    log: Mutex<Log>,
    tables: Arc<Tables>,
    moments: Arc<Moments>,
    backlog: Arc<Backlog>,
    identity: Mutex<Identity>,
    tuning: Tuning,
    folder: PathBuf,
    _lock: Lock,
}

impl Embedded {
    /// Opens the store in `folder`, or makes one there if the folder is empty or missing.
    pub fn open(folder: &Path, options: &Options) -> Result<Embedded, OpenError> {
        let (log_folder, tables_folder) = (folder.join("log"), folder.join("tables"));
        create_folder(folder)?;
        let lock = Lock::take(folder)?;
        let identity = Identity::read_or_create(folder, options.network, &options.appended)?;
        create_folder(&log_folder)?;
        create_folder(&tables_folder)?;
        files::sync_folder(folder).map_err(|why| OpenError::io("sync", folder, why))?;

        let tables = Arc::new(Tables::open(&tables_folder, &identity.appended, &options.tuning)?);
        let (moments, backlog) = (Arc::new(Moments::default()), Arc::new(Backlog::default()));
        let log = replay(&log_folder, &identity, &options.tuning, &tables, &moments, &backlog)?;
        let background = Background::start(&tables, &moments, &backlog)
            .map_err(|why| OpenError::io("start the threads of", folder, why))?;
        let shared = Shared {
            background,
            log: Mutex::new(log),
            tables,
            moments,
            backlog,
            identity: Mutex::new(identity),
            tuning: options.tuning,
            folder: folder.into(),
            _lock: lock,
        };
        Ok(Embedded { shared: Arc::new(shared) })
    }

    /// Where the store is.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Which life of which validator or wallet this store records. It changes with [`Embedded::adopt`] only.
    pub fn incarnation(&self) -> Hash {
        self.identity(|identity| identity.incarnation)
    }

    /// Whether this folder was copied or restored, so that another one may go on from the same rows. Its owner must learn
    /// what it has signed since before it signs again, and then [`Embedded::adopt`] the copy.
    pub fn is_copy(&self) -> bool {
        self.identity(|identity| identity.is_copy)
    }

    /// Makes a copy a store in its own right, under a new incarnation.
    pub fn adopt(&self) -> io::Result<()> {
        let mut identity = self.shared.identity.lock().unwrap_or_else(PoisonError::into_inner);
        *identity = identity.adopt(&self.shared.folder)?;
        Ok(())
    }

    /// [`Store::commit`] for threads without a runtime. Blocks for the length of an fsync.
    pub fn commit_blocking(&self, batches: Vec<Batch>) -> Result<(), CommitError> {
        let shared = &*self.shared;
        // A panic inside an earlier commit leaves the log in an unknown state.
        let mut log = shared.log.lock().map_err(|_| CommitError::new("an earlier commit panicked"))?;
        shared.backlog.check().map_err(CommitError::new)?;
        let sequence = shared.tables.next_sequence();
        log.append(sequence, &batches).map_err(|why| shared.give_up(why))?;
        shared.tables.apply(sequence, batches.into_iter().flatten(), shared.moments.oldest());
        shared.moments.advance(sequence);
        if log.is_full() {
            let spare = shared.backlog.make_room(shared.tuning.segments_waiting).map_err(CommitError::new)?;
            let full = log.seal(spare).map_err(|why| shared.give_up(why))?;
            shared.tables.seal();
            shared.background.flush(full);
        }
        Ok(())
    }

    /// Merges all table files. For measurements and maintenance: it reads and writes everything that is stored.
    pub fn compact_fully(&self) -> Result<(), CommitError> {
        self.shared.tables.compact_fully(self.shared.moments.oldest()).map_err(|why| self.shared.give_up(why))
    }

    fn identity<T>(&self, read: impl FnOnce(&Identity) -> T) -> T {
        read(&self.shared.identity.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    /// Notes that what is on disk is unknown, so that no later commit goes through.
    fn give_up(&self, why: impl std::error::Error + Send + Sync + 'static) -> CommitError {
        self.backlog.fail(&why);
        CommitError::new(why)
    }
}

fn create_folder(folder: &Path) -> Result<(), OpenError> {
    fs::create_dir_all(folder).map_err(|why| OpenError::io("create", folder, why))
}

/// Brings the tables up to date with the log. Full segments are flushed at once, so that the log starts with one segment.
fn replay(
    folder: &Path,
    identity: &Identity,
    tuning: &Tuning,
    tables: &Tables,
    moments: &Moments,
    backlog: &Backlog,
) -> Result<Log, OpenError> {
    let has_log = fs::read_dir(folder).map_err(|why| OpenError::io("list", folder, why))?.next().is_some();
    if !has_log && tables.has_files() {
        return Err(OpenError::damaged(folder, "its log is missing"));
    }
    let seed = u64::from_le_bytes(*identity.salt.as_bytes().first_chunk().expect("a hash has 32 bytes"));
    let flushed = tables.flushed();
    let mut apply = |record: &record::Record<'_>| tables.replay(&flushed, record.stamp.sequence, record.rows());
    let (log, full) = Log::open(folder, seed, tuning.segment_bytes, &mut apply)?;
    if !full.is_empty() {
        tables.seal();
        tables.flush(NO_VIEW).map_err(|why| OpenError::Tables { path: folder.into(), source: why.into() })?;
        full.into_iter().for_each(|segment| backlog.spare(segment));
    }
    moments.advance(tables.next_sequence());
    Ok(log)
}

impl Store for Embedded {
    type View = EmbeddedView;

    fn view(&self) -> EmbeddedView {
        EmbeddedView::of(&self.shared)
    }

    async fn prefetch(&self, view: &mut EmbeddedView, absent: &[Absent]) -> Result<(), ReadError> {
        absent.iter().try_for_each(|absent| view.probe(absent)).map_err(ReadError::new)
    }

    async fn commit(&self, batches: Vec<Batch>) -> Result<(), CommitError> {
        self.commit_blocking(batches)
    }
}
