//! One process at a time in a folder: an operating-system lock on a file that names its holder.
//!
//! The lock belongs to the open file, so it vanishes with the process that holds it, however that process ends. The text in
//! the file only tells people who holds it; it is never what the lock is decided by.

use std::{
    fmt, fs,
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The name of the lock file in a folder.
pub(super) const LOCK_FILE: &str = "lock";

/// How much of a command line is worth showing.
const COMMAND_CHARS_MAX: usize = 200;

/// Held while a folder is used by one process alone. Dropping it gives the folder back.
#[derive(Debug)]
pub struct Lock {
    _file: fs::File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub process: u32,
    /// Its command line, shortened.
    pub command: String,
}

impl Holder {
    /// This process.
    fn this_process() -> Holder {
        let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let command = words.join(" ").replace('\n', " ").chars().take(COMMAND_CHARS_MAX).collect();
        Holder { process: std::process::id(), command }
    }

    fn parse(text: &str) -> Option<Holder> {
        let (process, command) = text.trim_end().split_once('\n')?;
        Some(Holder { process: process.parse().ok()?, command: command.into() })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.process, self.command)
    }
}

/// Why a folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it: wait for it or end it.
    #[error("{} is in use by {}", folder.display(), holder.as_ref().map_or("another process".into(), Holder::to_string))]
    Held {
        /// The folder.
        folder: PathBuf,
        /// Who has it, where it could be read.
        holder: Option<Holder>,
    },
    /// The file system refused something.
    #[error("cannot lock {}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock of `folder`, or says who holds it.
    pub fn take(folder: &Path) -> Result<Lock, LockError> {
        let (path, file) = open(folder)?;
        match file.try_lock() {
            Ok(()) => Lock::hold(&path, file),
            Err(fs::TryLockError::WouldBlock) => Err(held(folder, file)),
            Err(fs::TryLockError::Error(source)) => Err(LockError::Io { path, source }),
        }
    }

    /// Takes the lock of `folder` as soon as it is free, or says after `patience` who still holds it.
    pub fn take_within(folder: &Path, patience: Duration) -> Result<Lock, LockError> {
        let (path, file) = open(folder)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        // The system wakes who waits, so nobody polls. A thread that nobody listens to any more gives the lock back.
        thread::spawn(move || sender.send(file.lock().map(|()| file)));
        match receiver.recv_timeout(patience) {
            Ok(Ok(file)) => Lock::hold(&path, file),
            Ok(Err(source)) => Err(LockError::Io { path, source }),
            Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                let (_, file) = open(folder)?;
                Err(held(folder, file))
            }
        }
    }

    /// The file is locked; now it says by whom.
    fn hold(path: &Path, mut file: fs::File) -> Result<Lock, LockError> {
        let failed = |source| LockError::Io { path: path.into(), source };
        let holder = Holder::this_process();
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}\n{}", holder.process, holder.command).map_err(failed)?;
        Ok(Lock { _file: file })
    }
}

fn open(folder: &Path) -> Result<(PathBuf, fs::File), LockError> {
    let path = folder.join(LOCK_FILE);
    match fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path) {
        Ok(file) => Ok((path, file)),
        Err(source) => Err(LockError::Io { path, source }),
    }
}

fn held(folder: &Path, mut file: fs::File) -> LockError {
    let mut text = String::new();
    // The holder may be writing its name this very moment: then it stays unnamed.
    let holder = file.read_to_string(&mut text).ok().and_then(|_| Holder::parse(&text));
    LockError::Held { folder: folder.into(), holder }
}
