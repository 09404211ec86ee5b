//! The disk under a network: that it is one, how long it takes to sync, and what a store takes when it is tidied up.

use crate::{CliError, Code};
use myceline_node::{Network, layout};
use myceline_state::Batch;
use myceline_storage::{
    Embedded,
    embedded::{Options, Tuning, is_memory_file_system},
};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::Instant,
};

/// Syncs that are timed: enough that one in a hundred is seen twice.
const SYNCS: usize = 200;
/// Bytes that are added before each: about what a block adds to a log.
const APPENDED: usize = 1_024;
/// How often a store is copied before it counts as never at rest: merging may remove a file that is about to be copied.
const COPIES_MAX: usize = 5;
/// The unit of `st_blocks`, whatever the file system's own.
const DISK_BLOCK: u64 = 512;

/// Refuses a file system in memory, where syncing costs nothing and proves nothing.
pub(super) fn must_be_a_disk(dir: &Path) -> Result<(), CliError> {
    if is_memory_file_system(dir).map_err(|why| cannot("look at", dir, &why))? {
        return Err(CliError::new(Code::Usage, format_args!("{} is a file system in memory", dir.display()))
            .hint("measure on a disk: myceline net up --dir DIR elsewhere"));
    }
    Ok(())
}

/// How long small appends take to be durable in `dir`, each in milliseconds.
pub(super) fn sync_times(dir: &Path) -> Result<Vec<f64>, CliError> {
    let timed = || {
        let mut file = tempfile::tempfile_in(dir)?;
        (0..SYNCS).map(|_| sync_once(&mut file)).collect::<io::Result<_>>()
    };
    timed().map_err(|why| cannot("write in", dir, &why))
}

fn sync_once(file: &mut fs::File) -> io::Result<f64> {
    let begun = Instant::now();
    file.write_all(&[1; APPENDED])?;
    file.sync_data()?;
    Ok(begun.elapsed().as_secs_f64() * 1_000.0)
}

/// What the rows of a store take on disk when everything is in merged tables: measured on a copy in `scratch`, because the
/// store itself is in use. Nothing may be written to it meanwhile.
pub(super) fn tidy_bytes(store: &Path, network: &Network, scratch: &Path) -> Result<u64, CliError> {
    let mut tried = tidy_copy_bytes(store, network, scratch);
    for _ in 1..COPIES_MAX {
        if tried.is_ok() {
            break;
        }
        tried = tidy_copy_bytes(store, network, scratch);
    }
    tried
}

fn tidy_copy_bytes(store: &Path, network: &Network, scratch: &Path) -> Result<u64, CliError> {
    let copy = tempfile::tempdir_in(scratch).map_err(|why| cannot("write in", scratch, &why))?;
    copy_folder(store, copy.path()).map_err(|why| cannot("copy", store, &why))?;
    tidy_up(copy.path(), network)?;
    let tables = copy.path().join("tables");
    disk_bytes(&tables).map_err(|why| cannot("measure", &tables, &why))
}

/// Brings everything from the log into tables and merges them.
fn tidy_up(folder: &Path, network: &Network) -> Result<(), CliError> {
    let usual = Options::new(network.id().0, &layout::APPENDED);
    let open =
        |options: &Options| Embedded::open(folder, options).map_err(|why| CliError::telling(Code::General, &why));
    let failed = |why| CliError::telling(Code::General, &why);
    // A commit to a log that counts as full begins another one, and whoever opens a store flushes all logs but the last.
    let full = Options { tuning: Tuning { segment_bytes: 1, ..Tuning::default() }, ..usual.clone() };
    open(&full)?.commit_blocking(vec![Batch::default()]).map_err(failed)?;
    open(&usual)?.compact_fully().map_err(failed)?;
    // Files that merging left behind go when the store is opened again.
    drop(open(&usual)?);
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let (path, kind, target) = entry.map(|entry| (entry.path(), entry.file_type(), to.join(entry.file_name())))?;
        if kind?.is_dir() {
            fs::create_dir(&target)?;
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// What the files in a folder take on the disk.
fn disk_bytes(folder: &Path) -> io::Result<u64> {
    let size = |entry: io::Result<fs::DirEntry>| {
        let (path, metadata) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        if metadata.is_dir() { disk_bytes(&path) } else { Ok(metadata.blocks() * DISK_BLOCK) }
    };
    fs::read_dir(folder)?.map(size).sum()
}

fn cannot(doing: &str, path: &Path, why: &io::Error) -> CliError {
    CliError::new(Code::General, format_args!("cannot {doing} {}", path.display())).because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sync_is_timed_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let times = sync_times(dir.path()).unwrap();
        assert!(times.len() == SYNCS && times.iter().all(|time| *time > 0.0));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_copy_has_the_folders_of_the_original() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(from.path().join("a/b")).unwrap();
        fs::write(from.path().join("a/b/c"), "deep").unwrap();
        copy_folder(from.path(), to.path()).unwrap();
        assert_eq!(fs::read_to_string(to.path().join("a/b/c")).unwrap(), "deep");
    }
}
