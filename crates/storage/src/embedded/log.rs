//! The write-ahead log: every commit is one append to it and one fdatasync.
//!
//! The log is a chain of segments. A segment is named after the number of its first record, and ends where the next one
//! begins; records are numbered without a gap, so a missing one is noticed. Segments are filled with zeros when they are made
//! and used again when their rows are in the tables, because syncing bytes that a file already has is cheaper than growing it.
//! What follows the last record of a segment is therefore old bytes: their numbers do not continue the chain.

use super::{
    error::OpenError,
    files::{DRAFT, sync_folder},
    record::{self, Record, Stamp},
};
use myceline_state::Batch;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// The extension of a segment.
const SEGMENT: &str = "log";
/// The number of a store's first record.
const FIRST_RECORD: u64 = 1;
/// Zeros are written page by page: Linux may keep what is written together as one large page, and then an append that changes
/// a few of its bytes makes all of it dirty. That was 3 KB more per commit.
const PAGE: [u8; 4096] = [0; 4096];
/// How much room for encoding a batch is kept between commits; a larger batch gives back what it took.
const BUFFER_BYTES_KEPT: usize = 1 << 20;

/// The open end of the log.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    seed: u64,
    segment_bytes: u64,
    active: Segment,
    buffer: Vec<u8>,
}

/// The segment that records are appended to.
#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    /// Where the next record goes.
    end: u64,
    /// The number that the next record gets.
    next: u64,
}

impl Log {
    /// Opens the log in `folder` and shows every whole record to `replay`, in order. Returns the segments before the last
    /// one too: their rows belong into the tables.
    pub(super) fn open(
        folder: &Path,
        seed: u64,
        segment_bytes: u64,
        replay: &mut dyn FnMut(&Record<'_>),
    ) -> Result<(Log, Vec<PathBuf>), OpenError> {
        let mut paths = list(folder).map_err(|why| OpenError::io("list", folder, why))?;
        let active = match paths.pop() {
            Some(last) => recover(folder, &paths, last, seed, replay)?,
            None => Segment::create(folder, segment_bytes, FIRST_RECORD)
                .map_err(|why| OpenError::io("write", folder, why))?,
        };
        let log = Log { folder: folder.into(), seed, segment_bytes, active, buffer: Vec::new() };
        Ok((log, paths.into_iter().map(|(_, path)| path).collect()))
    }

    /// Appends one record, and returns when it is durable.
    pub(super) fn append(&mut self, sequence: u64, batches: &[Batch]) -> io::Result<()> {
        let stamp = Stamp { number: self.active.next, sequence };
        record::encode(&mut self.buffer, self.seed, stamp, batches).map_err(io::Error::other)?;
        self.active.file.write_all_at(&self.buffer, self.active.end)?;
        self.active.file.sync_data()?;
        self.active.end += self.buffer.len() as u64;
        self.active.next += 1;
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_BYTES_KEPT);
        Ok(())
    }

    /// Whether the next record belongs into another segment.
    pub(super) fn is_full(&self) -> bool {
        self.active.end >= self.segment_bytes
    }

    /// Starts another segment, in the file `spare` if there is one, and returns the one that is now complete.
    pub(super) fn seal(&mut self, spare: Option<PathBuf>) -> io::Result<PathBuf> {
        let next = match spare {
            Some(spare) => Segment::reuse(&self.folder, &spare, self.segment_bytes, self.active.next)?,
            None => Segment::create(&self.folder, self.segment_bytes, self.active.next)?,
        };
        Ok(std::mem::replace(&mut self.active, next).path)
    }
}

impl Segment {
    /// A new file full of zeros. It gets its name when it is whole.
    fn create(folder: &Path, bytes: u64, next: u64) -> io::Result<Segment> {
        let path = path(folder, next);
        let draft = path.with_extension(DRAFT);
        let mut file = File::create(&draft)?;
        for _ in 0..bytes.div_ceil(PAGE.len() as u64) {
            file.write_all(&PAGE)?;
        }
        Segment::take_name(folder, &draft, file, path, next)
    }

    /// A file whose records are in the tables, under its next name.
    fn reuse(folder: &Path, spare: &Path, bytes: u64, next: u64) -> io::Result<Segment> {
        let file = File::options().write(true).open(spare)?;
        let segment = Segment::take_name(folder, spare, file, path(folder, next), next)?;
        // A batch larger than a segment had stretched the file. Under its old name it had to stay whole.
        segment.file.set_len(bytes)?;
        Ok(segment)
    }

    /// The name must be durable before the first record is: a record in a file of another name is not found.
    fn take_name(folder: &Path, from: &Path, file: File, path: PathBuf, next: u64) -> io::Result<Segment> {
        file.sync_all()?;
        fs::rename(from, &path)?;
        sync_folder(folder)?;
        Ok(Segment { file, path, end: 0, next })
    }
}

fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:016x}.{SEGMENT}"))
}

/// The segments in `folder` in order, each with the number of its first record. Drafts of an interrupted run go.
fn list(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| u64::from_str_radix(stem.to_str()?, 16).ok());
        match (name, path.extension().and_then(|extension| extension.to_str())) {
            (Some(first), Some(SEGMENT)) => segments.push((first, path)),
            (_, Some(DRAFT)) => fs::remove_file(path)?,
            _ => {}
        }
    }
    segments.sort();
    Ok(segments)
}

/// Replays all segments and opens the last one at its end.
fn recover(
    folder: &Path,
    sealed: &[(u64, PathBuf)],
    (last, last_path): (u64, PathBuf),
    seed: u64,
    replay: &mut dyn FnMut(&Record<'_>),
) -> Result<Segment, OpenError> {
    let ends = sealed.iter().skip(1).map(|(first, _)| *first).chain([last]);
    for ((first, path), end) in sealed.iter().zip(ends) {
        let bytes = fs::read(path).map_err(|why| OpenError::io("read", path, why))?;
        let (_, found) = replay_segment(&bytes, seed, *first..end, replay);
        if found != end {
            return Err(OpenError::damaged(
                folder,
                format!("records {found} to {} of its log are unreadable", end - 1),
            ));
        }
    }
    let failed = |why| OpenError::io("read", &last_path, why);
    let bytes = fs::read(&last_path).map_err(failed)?;
    let (end, next) = replay_segment(&bytes, seed, last..u64::MAX, replay);
    expect_no_record_after(folder, &bytes[end..], seed, next)?;
    let file = File::options().write(true).open(&last_path).map_err(failed)?;
    // The last record may have been written by a process that died before its fsync: nobody may see it until it is durable.
    file.sync_all().and_then(|()| sync_folder(folder)).map_err(failed)?;
    Ok(Segment { file, path: last_path, end: end as u64, next })
}

/// Replays the records of one segment whose numbers are in `numbers`; returns where they end and the number after them.
fn replay_segment(
    bytes: &[u8],
    seed: u64,
    numbers: std::ops::Range<u64>,
    replay: &mut dyn FnMut(&Record<'_>),
) -> (usize, u64) {
    let (mut end, mut next) = (0, numbers.start);
    while next < numbers.end {
        let record = Record::decode(&bytes[end..], seed).filter(|record| record.stamp.number == next);
        let Some(record) = record else { break };
        replay(&record);
        end += record.length;
        next += 1;
    }
    (end, next)
}

/// A commit returns before the next one begins, so only the last record can be torn. A whole record behind an unreadable one
/// means that an acknowledged batch was damaged later, which must not pass for a torn tail.
fn expect_no_record_after(folder: &Path, rest: &[u8], seed: u64, torn: u64) -> Result<(), OpenError> {
    // As many more records as there are bytes cannot follow; looking at the number first makes the search cheap.
    let later = torn + 1..=torn + rest.len() as u64;
    for at in (1..rest.len()).filter(|at| record::number_at(&rest[*at..]).is_some_and(|number| later.contains(&number)))
    {
        if let Some(record) = Record::decode(&rest[at..], seed) {
            let what = format!("record {torn} of its log is unreadable, though record {} follows", record.stamp.number);
            return Err(OpenError::damaged(folder, what));
        }
    }
    Ok(())
}
