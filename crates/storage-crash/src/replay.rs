//! The folder that a power cut leaves: everything that was synced, and of the rest what chance has kept.
//!
//! Nothing is assumed about the order in which a disk gets what was not synced, nor that a file system keeps the order of names:
//! POSIX promises neither.

use crate::{
    dice::Dice,
    trace::{FileId, Operation, Trace},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Disks write sectors and kernels write pages: a write that is lost in part has holes of this size.
const PAGE_BYTES: usize = 4096;

/// What becomes of the operations that no sync has covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// All are kept: the process was killed, the machine goes on.
    Kept,
    /// All are lost.
    Lost,
    /// Those before a moment are kept, by chance.
    Prefix,
    /// All are kept, but the last write ends somewhere in the middle.
    Torn,
    /// Each is kept or lost by chance, and of a write each page.
    Scattered,
}

impl Unsynced {
    /// All ways to lose.
    pub const ALL: [Unsynced; 5] =
        [Unsynced::Kept, Unsynced::Lost, Unsynced::Prefix, Unsynced::Torn, Unsynced::Scattered];
}

/// A power cut.
#[derive(Debug, Clone)]
pub struct Cut {
    /// How many operations of the trace happened.
    pub at: usize,
    /// What became of those that were not synced.
    pub unsynced: Unsynced,
    /// Decides what is left to chance.
    pub seed: u64,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a cut after {} operations, unsynced ones {:?}, seed {}", self.at, self.unsynced, self.seed)
    }
}

impl Cut {
    /// Builds in `folder` what this cut leaves of the run.
    pub fn replay(&self, trace: &Trace, folder: &Path) -> io::Result<()> {
        let happened = &trace.operations[..self.at];
        let durable = durable(happened);
        let mut chance = Chance::new(self, happened, &durable);
        let mut disk = Disk::default();
        for (index, operation) in happened.iter().enumerate() {
            if durable[index] {
                disk.apply(operation);
            } else {
                chance.keep(index, operation).iter().for_each(|operation| disk.apply(operation));
            }
        }
        disk.write_to(folder)
    }
}

/// Which operations a sync has covered.
fn durable(operations: &[Operation]) -> Vec<bool> {
    let (mut files, mut folders) = (BTreeMap::<FileId, usize>::new(), BTreeMap::<&Path, usize>::new());
    let mut durable = vec![false; operations.len()];
    // From the end: the last sync of a file covers everything before it.
    for (index, operation) in operations.iter().enumerate().rev() {
        let covers = |until: Option<&usize>| until.is_some_and(|until| index < *until);
        let names = |path: &Path| covers(folders.get(path.parent().unwrap_or(Path::new(""))));
        durable[index] = match operation {
            Operation::Write { file, .. } | Operation::SetLength(file, _) => covers(files.get(file)),
            Operation::MakeFolder(path)
            | Operation::RemoveFolder(path)
            | Operation::Create(path, _)
            | Operation::Remove(path) => names(path),
            Operation::Rename { from, to, .. } => names(from) && names(to),
            Operation::Sync { .. } | Operation::SyncFolder { .. } | Operation::Say(_) => true,
        };
        match operation {
            Operation::Sync { file, began } => raise(files.entry(*file).or_default(), *began),
            Operation::SyncFolder { folder, began } => raise(folders.entry(folder).or_default(), *began),
            _ => {}
        }
    }
    durable
}

fn raise(until: &mut usize, began: usize) {
    *until = began.max(*until);
}

/// Decides over operations that no sync has covered.
struct Chance {
    unsynced: Unsynced,
    dice: Dice,
    /// For [`Unsynced::Prefix`]: operations from here on are lost.
    moment: usize,
    /// For [`Unsynced::Torn`]: the write that is torn.
    torn: Option<usize>,
}

impl Chance {
    fn new(cut: &Cut, happened: &[Operation], durable: &[bool]) -> Chance {
        let mut dice = Dice(cut.seed);
        let is_write = |index: &usize| matches!(happened[*index], Operation::Write { .. });
        let torn = (0..happened.len()).rev().find(is_write).filter(|index| !durable[*index]);
        let oldest = durable.iter().position(|durable| !durable).unwrap_or(cut.at);
        let moment = oldest + dice.below(cut.at - oldest + 1);
        Chance { unsynced: cut.unsynced, dice, moment, torn }
    }

    /// What is left of an operation.
    fn keep(&mut self, index: usize, operation: &Operation) -> Vec<Operation> {
        let whole = |kept: bool| if kept { vec![operation.clone()] } else { Vec::new() };
        match (self.unsynced, operation) {
            (Unsynced::Lost, _) => Vec::new(),
            (Unsynced::Prefix, _) => whole(index < self.moment),
            (Unsynced::Torn, Operation::Write { file, offset, bytes }) if self.torn == Some(index) => {
                let bytes = bytes[..self.dice.below(bytes.len())].to_vec();
                vec![Operation::Write { file: *file, offset: *offset, bytes }]
            }
            (Unsynced::Scattered, Operation::Write { file, offset, bytes }) => {
                pages(*file, *offset, bytes).into_iter().filter(|_| self.dice.coin()).collect()
            }
            (Unsynced::Scattered, _) => whole(self.dice.coin()),
            (Unsynced::Kept | Unsynced::Torn, _) => whole(true),
        }
    }
}

/// A write as the pages that a kernel makes of it.
fn pages(file: FileId, offset: u64, bytes: &[u8]) -> Vec<Operation> {
    let (mut pages, mut offset, mut rest) = (Vec::new(), offset, bytes);
    while !rest.is_empty() {
        let room = PAGE_BYTES - size(offset) % PAGE_BYTES;
        let (page, after) = rest.split_at(room.min(rest.len()));
        pages.push(Operation::Write { file, offset, bytes: page.to_vec() });
        offset += page.len() as u64;
        rest = after;
    }
    pages
}

/// A file system in memory.
#[derive(Debug, Default)]
struct Disk {
    folders: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, FileId>,
    contents: BTreeMap<FileId, Vec<u8>>,
}

impl Disk {
    fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::MakeFolder(path) => drop(self.folders.insert(path.clone())),
            Operation::RemoveFolder(path) => drop(self.folders.remove(path)),
            Operation::Create(path, file) => drop(self.names.insert(path.clone(), *file)),
            Operation::Write { file, offset, bytes } => self.write(*file, *offset, bytes),
            Operation::SetLength(file, length) => self.contents.entry(*file).or_default().resize(size(*length), 0),
            Operation::Rename { file, from, to } => {
                if self.names.get(from) == Some(file) {
                    self.names.remove(from);
                }
                self.names.insert(to.clone(), *file);
            }
            Operation::Remove(path) => drop(self.names.remove(path)),
            Operation::Sync { .. } | Operation::SyncFolder { .. } | Operation::Say(_) => {}
        }
    }

    fn write(&mut self, file: FileId, offset: u64, bytes: &[u8]) {
        let content = self.contents.entry(file).or_default();
        let end = size(offset) + bytes.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[size(offset)..end].copy_from_slice(bytes);
    }

    /// Files in folders that do not exist are out of reach.
    fn write_to(&self, folder: &Path) -> io::Result<()> {
        let nothing = Vec::new();
        for path in self.folders.iter().filter(|path| self.is_reachable(path)) {
            fs::create_dir(folder.join(path))?;
        }
        for (path, file) in self.names.iter().filter(|(path, _)| self.is_reachable(path)) {
            fs::write(folder.join(path), self.contents.get(file).unwrap_or(&nothing))?;
        }
        Ok(())
    }

    fn is_reachable(&self, path: &Path) -> bool {
        let mut above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        above.all(|above| self.folders.contains(above))
    }
}

fn size(length: u64) -> usize {
    usize::try_from(length).expect("a recorded file fits into memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Operation::*;

    const FILE: FileId = FileId(0);

    fn write(offset: u64, bytes: &[u8]) -> Operation {
        Write { file: FILE, offset, bytes: bytes.into() }
    }

    /// A file is made and written, and both are synced; then it is written again and gets another name.
    fn trace() -> Trace {
        let operations = vec![
            MakeFolder("f".into()),
            SyncFolder { folder: "".into(), began: 1 },
            Create("f/a".into(), FILE),
            write(0, b"old"),
            Sync { file: FILE, began: 4 },
            SyncFolder { folder: "f".into(), began: 5 },
            Say("synced\n".into()),
            write(1, b"EW"),
            Rename { file: FILE, from: "f/a".into(), to: "f/b".into() },
        ];
        Trace { operations }
    }

    /// The files that a cut leaves, with what they hold.
    fn left(trace: &Trace, at: usize, unsynced: Unsynced, seed: u64) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        Cut { at, unsynced, seed }.replay(trace, folder.path()).unwrap();
        let Ok(files) = fs::read_dir(folder.path().join("f")) else { return Vec::new() };
        let read = |path: PathBuf| {
            (path.file_name().unwrap().to_str().unwrap().into(), String::from_utf8(fs::read(&path).unwrap()).unwrap())
        };
        files.map(|file| read(file.unwrap().path())).collect()
    }

    fn files(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, content)| (name.to_string(), content.to_string())).collect()
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_goes() {
        assert_eq!(left(&trace(), 9, Unsynced::Kept, 0), files(&[("b", "oEW")]));
        assert_eq!(left(&trace(), 9, Unsynced::Lost, 0), files(&[("a", "old")]));
        assert_eq!(left(&trace(), 5, Unsynced::Lost, 0), files(&[]), "its name was not synced");
        assert_eq!(left(&trace(), 4, Unsynced::Kept, 0), files(&[("a", "old")]));
    }

    #[test]
    fn a_torn_write_ends_before_its_end() {
        for seed in 0..10 {
            let found = left(&trace(), 8, Unsynced::Torn, seed);
            assert!(found == files(&[("a", "old")]) || found == files(&[("a", "oEd")]), "{found:?}");
        }
    }

    #[test]
    fn scattering_reaches_every_mixture() {
        let found: BTreeSet<_> = (0..50).map(|seed| left(&trace(), 9, Unsynced::Scattered, seed)).collect();
        let all = [("a", "old"), ("a", "oEW"), ("b", "old"), ("b", "oEW")].map(|file| files(&[file]));
        assert_eq!(found, BTreeSet::from(all));
    }

    #[test]
    fn a_prefix_keeps_no_later_operation() {
        let found: BTreeSet<_> = (0..50).map(|seed| left(&trace(), 9, Unsynced::Prefix, seed)).collect();
        assert_eq!(found, BTreeSet::from([("a", "old"), ("a", "oEW"), ("b", "oEW")].map(|file| files(&[file]))));
    }

    #[test]
    fn a_sync_covers_only_what_was_done_before_it_began() {
        let mut trace = trace();
        trace.operations[4] = Sync { file: FILE, began: 3 };
        assert_eq!(left(&trace, 9, Unsynced::Lost, 0), files(&[("a", "")]));
    }

    #[test]
    fn a_large_write_is_lost_by_pages() {
        let pages = pages(FILE, 4000, &[7; 5000]);
        let parts = pages.iter().map(|page| match page {
            Write { offset, bytes, .. } => (*offset, bytes.len()),
            other => panic!("{other:?}"),
        });
        assert_eq!(parts.collect::<Vec<_>>(), [(4000, 96), (4096, 4096), (8192, 808)]);
    }
}
