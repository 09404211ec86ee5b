//! One process at a time: an operating-system lock on a file that names its holder.
//!
//! The lock belongs to the open file, so it vanishes with the process that holds it, however that process ends. The text in
//! the file only tells people who holds it; it is never what the lock is decided by.

use super::error::OpenError;
use std::{
    fmt, fs,
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

/// The name of the lock file in a store's folder.
pub(super) const LOCK_FILE: &str = "lock";

/// How much of a command line is worth showing.
const COMMAND_CHARS_MAX: usize = 200;

/// Held while a store is open.
#[derive(Debug)]
pub(super) struct Lock {
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

impl Lock {
    /// Takes the lock of the store in `folder`, or says who holds it.
    pub(super) fn take(folder: &Path) -> Result<Lock, OpenError> {
        let path = folder.join(LOCK_FILE);
        let failed = |source| OpenError::io("lock", &path, source);
        let mut file =
            fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The holder may be writing its name this very moment: then it stays unnamed.
                let holder = file.read_to_string(&mut text).ok().and_then(|_| Holder::parse(&text));
                return Err(OpenError::Locked { folder: folder.into(), holder });
            }
            Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let holder = Holder::this_process();
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}\n{}", holder.process, holder.command).map_err(failed)?;
        Ok(Lock { _file: file })
    }
}
