//! Why a store does not open, and what its reader can do about it.

use super::{
    identity::FORMAT,
    lock::{Holder, LockError},
};
use myceline_types::Hash;
use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
};

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open: wait for it or end it.
    #[error(
        "the store in {} is in use by {}; it is free as soon as that process ends, however it ends",
        folder.display(),
        holder.as_ref().map_or("another process".into(), Holder::to_string)
    )]
    Locked {
        /// The store's folder.
        folder: PathBuf,
        /// Who has it open, where it could be read.
        holder: Option<Holder>,
    },
    /// The folder holds something else: choose another one.
    #[error("{} is not empty and holds no store; choose an empty folder", folder.display())]
    NotAStore {
        /// The folder.
        folder: PathBuf,
    },
    /// Another version of this program wrote it: use that version, or export and import.
    #[error("the store in {} has format {found}, this program reads format {FORMAT}", folder.display())]
    OtherFormat {
        /// The store's folder.
        folder: PathBuf,
        /// The format it has.
        found: String,
    },
    /// It belongs to another network: choose another folder, or the other network's configuration.
    #[error("the store in {} belongs to network {found}, not to {expected}", folder.display())]
    OtherNetwork {
        /// The store's folder.
        folder: PathBuf,
        /// The network it belongs to.
        found: Hash,
        /// The network that was asked for.
        expected: Hash,
    },
    /// Acknowledged rows are missing or changed: restore the folder, or start an empty one and catch up from peers.
    #[error("the store in {} is damaged: {what}", folder.display())]
    Damaged {
        /// The store's folder.
        folder: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The file system refused something.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The tables could not be opened.
    #[error("cannot open the tables in {}", path.display())]
    Tables {
        /// Their folder.
        path: PathBuf,
        /// What the engine said.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl From<LockError> for OpenError {
    fn from(error: LockError) -> OpenError {
        match error {
            LockError::Held { folder, holder } => OpenError::Locked { folder, holder },
            LockError::Io { path, source } => OpenError::Io { doing: "lock", path, source },
        }
    }
}

impl OpenError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> OpenError {
        OpenError::Io { doing, path: path.into(), source }
    }

    pub(super) fn damaged(folder: &Path, what: impl Into<String>) -> OpenError {
        OpenError::Damaged { folder: folder.into(), what: what.into() }
    }
}
