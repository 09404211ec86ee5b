//! The seam between drivers and engines. Reading is synchronous through a view; writing is one batch at a time.

use myceline_state::{Absent, Batch, Snapshot};
use myceline_types::portable::{MaybeSend, MaybeSync};
use std::{error::Error, future::Future};

/// An ordered store of rows. A value of this type is a handle: clones share the store.
///
/// The driver's loop reads through a view, and fetches what the view lacks until the pure code has all it needs:
///
/// ```
/// # use myceline_storage::{Memory, Store, store::ReadError};
/// # use myceline_state::{Absent, Snapshot};
/// async fn run<S: Store, T>(store: &S, pure: impl Fn(&S::View) -> Result<T, Absent>) -> Result<T, ReadError> {
///     let mut view = store.view();
///     loop {
///         match pure(&view) {
///             Ok(done) => return Ok(done),
///             Err(absent) => store.prefetch(&mut view, &[absent]).await?,
///         }
///     }
/// }
/// ```
pub trait Store: Clone + MaybeSend + MaybeSync + 'static {
    /// What pure code reads from.
    type View: Snapshot + Clone + MaybeSend + MaybeSync + 'static;

    /// A view of everything that was committed before this call, and of nothing that is committed after it.
    ///
    /// An engine on this machine answers every read at once; a remote one answers [`Absent`] for what it has not
    /// fetched. Views are meant to live for one step of one chain: an engine may keep old rows while one is held.
    fn view(&self) -> Self::View;

    /// Makes `view` able to answer `absent`.
    ///
    /// An engine on this machine also answers [`Absent`] where the disk failed, since pure code cannot do anything about
    /// that; it then says here what went wrong.
    fn prefetch(
        &self,
        view: &mut Self::View,
        absent: &[Absent],
    ) -> impl Future<Output = Result<(), ReadError>> + MaybeSend;

    /// Writes all of `batches` or nothing of them, and returns when they would survive a power cut. Where two write to a key, the
    /// later one wins.
    ///
    /// One committer calls this in sequence. An engine on this machine blocks the calling thread for the length of an
    /// fsync: give the committer a thread of its own.
    fn commit(&self, batches: Vec<Batch>) -> impl Future<Output = Result<(), CommitError>> + MaybeSend;
}

/// The store could not be read. The row may or may not exist: stop what depends on it, and look at the disk.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read")]
pub struct ReadError(#[source] Box<dyn Error + Send + Sync>);

impl ReadError {
    /// Wraps what an engine reported.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> ReadError {
        ReadError(source.into())
    }
}

/// A batch was not written, or nobody knows whether it was. End the process: after a failed fsync the kernel may have
/// dropped the very pages that failed, so a second one proves nothing. What is on disk is found out by opening again.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be written; this process must end, since what is on disk is now unknown")]
pub struct CommitError(#[source] Box<dyn Error + Send + Sync>);

impl CommitError {
    /// Wraps what an engine reported.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> CommitError {
        CommitError(source.into())
    }
}
