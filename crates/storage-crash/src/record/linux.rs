//! Watches a process and its threads with ptrace(2), and writes down their calls as operations.

use super::{
    RecordError,
    calls::{Call, Tracee},
};
use crate::trace::{FileId, Operation, Trace};
use nix::{
    errno::Errno,
    sys::{
        ptrace::{self, Options},
        signal::Signal,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Waits for a line on standard input and becomes the command: until the line comes, nobody misses anything.
const GATE: &str = "read -r _ && exec \"$@\" </dev/null";

/// A call began or ended.
const ENTRY: u8 = 1;
const EXIT: u8 = 2;

pub(super) fn record(command: &Command, folder: &Path) -> Result<Trace, RecordError> {
    let root = folder.canonicalize()?;
    let mut gate = Command::new("sh");
    gate.args(["-c", GATE, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => gate.env(name, value),
            None => gate.env_remove(name),
        };
    }
    let mut child = gate.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).map_err(io::Error::from)?;
    ptrace::interrupt(pid).map_err(io::Error::from)?;
    // The shell may still be starting; the line waits for it in the pipe.
    writeln!(child.stdin.take().expect("it was piped"))?;
    let outcome =
        Recorder { root, trace: Trace::default(), files: BTreeMap::new(), under_way: BTreeMap::new() }.watch(pid);
    if outcome.is_err() {
        // What is recorded no longer matters, and the child must not outlive the recording. It may have ended by itself.
        let _ = child.kill();
        while waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)).is_ok() {}
    }
    outcome
}

struct Recorder {
    root: PathBuf,
    trace: Trace,
    /// Which file has which inode now. Inodes are used again when a file is gone.
    files: BTreeMap<u64, FileId>,
    /// The calls that threads are in, and how many operations there were when each began.
    under_way: BTreeMap<Pid, (Call, usize)>,
}

impl Recorder {
    /// Follows the process until it and all its threads have ended.
    fn watch(mut self, main: Pid) -> Result<Trace, RecordError> {
        loop {
            // Only this thread's children: other tests may have some too.
            let status = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
                Ok(status) => status,
                Err(Errno::ECHILD) => return Ok(self.trace),
                Err(why) => return Err(io::Error::from(why).into()),
            };
            let (pid, signal) = match status {
                WaitStatus::PtraceSyscall(pid) => {
                    self.on_call(pid)?;
                    (pid, None)
                }
                WaitStatus::Stopped(pid, signal) => (pid, Some(signal).filter(|signal| *signal != Signal::SIGTRAP)),
                WaitStatus::Exited(pid, code) if pid == main && code != 0 => {
                    return Err(RecordError::Failed(format!("exit code {code}")));
                }
                WaitStatus::Signaled(pid, signal, _) if pid == main => {
                    return Err(RecordError::Failed(format!("killed by {signal}")));
                }
                WaitStatus::PtraceEvent(pid, ..) => (pid, None),
                _ => continue,
            };
            match ptrace::syscall(pid, signal) {
                // The thread was killed meanwhile; its end is reported next.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(why) => return Err(io::Error::from(why).into()),
            }
        }
    }

    fn on_call(&mut self, pid: Pid) -> Result<(), RecordError> {
        let info = ptrace::syscall_info(pid).map_err(io::Error::from)?;
        let registers = ptrace::getregs(pid).map_err(io::Error::from)?;
        let tracee = Tracee { pid, root: &self.root };
        match info.op {
            ENTRY => {
                let Some(call) = Call::read(&tracee, &registers)? else { return Ok(()) };
                if let Call::Say(text) = call {
                    // Said as soon as it can be heard: what it tells must be durable by now.
                    self.trace.operations.push(Operation::Say(text));
                } else {
                    self.under_way.insert(pid, (call, self.trace.operations.len()));
                }
            }
            EXIT => {
                // Errors are small negative numbers.
                let result = i64::from_ne_bytes(registers.rax.to_ne_bytes());
                if let Some((call, began)) = self.under_way.remove(&pid)
                    && let Ok(result) = u64::try_from(result)
                {
                    self.on_done(pid, call, began, result)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes down a call that succeeded.
    fn on_done(&mut self, pid: Pid, call: Call, began: usize, result: u64) -> Result<(), RecordError> {
        let operation = match call {
            Call::Say(_) => return Ok(()),
            Call::Open { path, created, truncated } => return self.on_open(pid, path, created, truncated, result),
            Call::Write { descriptor, offset, buffer } => {
                let tracee = Tracee { pid, root: &self.root };
                let bytes = tracee.bytes(buffer, result)?;
                let offset = match offset {
                    Some(offset) => offset,
                    None => tracee.position(descriptor)? - result,
                };
                Operation::Write { file: self.file(tracee.inode(descriptor)?)?, offset, bytes }
            }
            Call::SetLength { inode, length } => Operation::SetLength(self.file(inode)?, length),
            Call::Sync { inode } => Operation::Sync { file: self.file(inode)?, began },
            Call::SyncFolder { folder } => Operation::SyncFolder { folder, began },
            Call::Rename { inode, from, to } => Operation::Rename { file: self.file(inode)?, from, to },
            Call::Remove(path) => Operation::Remove(path),
            Call::MakeFolder(path) => Operation::MakeFolder(path),
            Call::RemoveFolder(path) => Operation::RemoveFolder(path),
        };
        self.trace.operations.push(operation);
        Ok(())
    }

    fn on_open(
        &mut self,
        pid: Pid,
        path: PathBuf,
        created: bool,
        truncated: bool,
        descriptor: u64,
    ) -> Result<(), RecordError> {
        let inode = Tracee { pid, root: &self.root }.inode(descriptor)?;
        if created {
            let created = self.trace.operations.iter().filter(|operation| matches!(operation, Operation::Create(..)));
            let file = FileId(created.count());
            self.files.insert(inode, file);
            self.trace.operations.push(Operation::Create(path, file));
        } else if truncated {
            let operation = Operation::SetLength(self.file(inode)?, 0);
            self.trace.operations.push(operation);
        }
        Ok(())
    }

    fn file(&self, inode: u64) -> Result<FileId, RecordError> {
        let unseen = || RecordError::Unknown(format!("a change of a file (inode {inode}) that was never made"));
        self.files.get(&inode).copied().ok_or_else(unseen)
    }
}
