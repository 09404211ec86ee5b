//! What a process has used, as the kernel counts it in `/proc`: CPU of all its threads, bytes written, resident memory.

use crate::{CliError, Code};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, time::Duration};

/// A process of this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Process(u32);

/// What a process has used since it began, and has now.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Usage {
    /// Time of all cores, in the program and in the kernel for it.
    pub(super) cpu: Duration,
    /// Bytes that it caused to be written to the disk, whatever for.
    pub(super) written: u64,
    /// Bytes of memory that it has now.
    pub(super) resident: u64,
}

/// A process that does nothing until this is dropped.
#[derive(Debug)]
pub(super) struct Stopped(Process);

impl Process {
    /// The process with this id.
    pub(super) fn new(id: u32) -> Process {
        Process(id)
    }

    /// This one.
    pub(super) fn this() -> Process {
        Process(std::process::id())
    }

    /// What it has used.
    pub(super) fn usage(self) -> Result<Usage, CliError> {
        let cpu = ticks(&self.read("stat")?).map(ticks_as_time);
        let written = number_after(&self.read("io")?, "write_bytes:");
        let resident = number_after(&self.read("status")?, "VmRSS:").map(|kib| kib * 1024);
        match (cpu, written, resident) {
            (Some(cpu), Some(written), Some(resident)) => Ok(Usage { cpu, written, resident }),
            _ => Err(CliError::new(Code::General, format_args!("/proc/{} is not as Linux writes it", self.0))),
        }
    }

    /// Keeps it from doing anything for as long as the answer lives: it does not even close its connections.
    pub(super) fn stop(self) -> Result<Stopped, CliError> {
        self.signal(Signal::STOP)?;
        Ok(Stopped(self))
    }

    fn signal(self, signal: Signal) -> Result<(), CliError> {
        let gone = || CliError::new(Code::NotFound, format_args!("there is no process {}", self.0));
        let id = i32::try_from(self.0).ok().and_then(Pid::from_raw).ok_or_else(gone)?;
        kill_process(id, signal).map_err(|why| gone().because(&why))
    }

    fn read(self, name: &str) -> Result<String, CliError> {
        let path = format!("/proc/{}/{name}", self.0);
        fs::read_to_string(&path).map_err(|why| {
            CliError::new(Code::NotFound, format_args!("cannot read {path}"))
                .because(&why)
                .hint("measure on Linux, as the user who started the network, while it runs")
        })
    }
}

impl Usage {
    /// What was used between an earlier look and this one. Memory is that of the later.
    pub(super) fn since(self, earlier: Usage) -> Usage {
        Usage {
            cpu: self.cpu.saturating_sub(earlier.cpu),
            written: self.written.saturating_sub(earlier.written),
            resident: self.resident,
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // One that has ended meanwhile needs no waking.
        let _ = self.0.signal(Signal::CONT);
    }
}

/// The time that a process has used in ticks of the clock: `utime` and `stime` of proc(5), the twelfth and thirteenth word
/// after its name, which stands in parentheses and may contain anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut words = after_name.split_whitespace().skip(11);
    let mut next = || words.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn ticks_as_time(ticks: u64) -> Duration {
    Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(1).max(1)
}

/// The number in the line of `text` that begins with `name`.
fn number_after(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_may_look_like_anything() {
        let stat = "7 (a) R 1) S 1 7 7 0 -1 4194560 900 0 0 0 12 30 0 0 20 0 5 0 100 1000 200";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!((ticks("7 (a) S 1 7"), ticks("")), (None, None));
    }

    #[test]
    fn a_line_is_found_by_its_whole_name() {
        let io = "rchar: 1\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n";
        assert_eq!(number_after(io, "write_bytes:"), Some(4096));
        assert_eq!(number_after("VmRSS:\t   52 kB", "VmRSS:"), Some(52));
        assert_eq!(number_after(io, "read_bytes:"), None);
    }

    #[test]
    fn this_process_has_memory_and_uses_time() {
        let before = Process::this().usage().unwrap();
        assert!(before.resident > 0);
        while Process::this().usage().unwrap().since(before).cpu.is_zero() {}
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Process::new(u32::MAX).usage().is_err());
        assert!(Process::new(u32::MAX).stop().is_err());
    }
}
