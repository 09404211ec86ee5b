//! What the kernel counts about this process, from /proc.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

/// Linux reports CPU time in hundredths of a second.
const US_PER_TICK: f64 = 10_000.0;
const BYTES_PER_DISK_BLOCK: f64 = 512.0;

/// What was used so far.
#[derive(Clone, Copy)]
pub struct Usage {
    /// CPU time of all threads, ended ones included.
    pub cpu_us: f64,
    /// Bytes sent towards the disk.
    pub written: f64,
}

impl Usage {
    pub fn now() -> Usage {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        // Fields 14 and 15 of the whole line; the name in parentheses may hold spaces.
        let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        Usage { cpu_us: ticks * US_PER_TICK, written: field("/proc/self/io", "write_bytes:") }
    }

    pub fn since(self, before: Usage) -> Usage {
        Usage { cpu_us: self.cpu_us - before.cpu_us, written: self.written - before.written }
    }
}

pub fn resident_mib() -> f64 {
    field("/proc/self/status", "VmRSS:") / 1024.0
}

fn field(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What the files under `path` take on disk.
pub fn disk_bytes(path: &Path) -> f64 {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| if entry.path().is_dir() { disk_bytes(&entry.path()) } else { size(&entry.path()) }).sum()
}

fn size(path: &Path) -> f64 {
    fs::metadata(path).unwrap().blocks() as f64 * BYTES_PER_DISK_BLOCK
}
