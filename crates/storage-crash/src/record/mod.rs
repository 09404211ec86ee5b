//! Records what a command does to a folder, by watching its system calls.
//!
//! Nothing needs to be installed and the command is not changed. A call that could change a file in a way that is not
//! recorded ends the recording with an error, so that a trace never lacks anything.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod calls;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod linux;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use linux as platform;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod platform {
    use super::{RecordError, Trace};
    use std::{path::Path, process::Command};

    pub(super) fn record(_command: &Command, _folder: &Path) -> Result<Trace, RecordError> {
        Err(RecordError::Platform)
    }
}

use crate::trace::Trace;
use std::{io, path::Path, process::Command};

/// Why a run was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// System calls are read on Linux on x86-64 only.
    #[error("runs can be recorded on Linux on x86-64 only")]
    Platform,
    /// The command could not be started or watched; a container may forbid ptrace.
    #[error("the command cannot be watched")]
    Watch(#[from] io::Error),
    /// The command did something to the folder that has no place in a trace.
    #[error("the command made a system call that is not recorded: {0}")]
    Unknown(String),
    /// The command failed by itself.
    #[error("the command failed: {0}")]
    Failed(String),
}

/// Runs `command` and records what it does to `folder`, which must be empty. Its standard input is not its own.
pub fn record(command: &Command, folder: &Path) -> Result<Trace, RecordError> {
    platform::record(command, folder)
}
