//! The run that is cut: commits to an embedded store so small that it flushes, merges and reuses its log all the time.

use crate::{Dice, Run};
use myceline_state::{Batch, Key, Snapshot as _, Value};
use myceline_storage::{
    Embedded, Store as _,
    embedded::{Options, Tuning},
};
use myceline_types::Hash;
use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

/// A few batches fill a segment, a few segments start a merge.
pub const TUNING: Tuning = Tuning {
    segment_bytes: 24 << 10,
    segments_waiting: 2,
    cache_bytes: 64 << 10,
    table_bytes: 32 << 10,
    overlapping_files: 3,
    open_files: 16,
};
/// Bodies and certificates arrive in key order.
const APPENDED: &[u8] = b"bc";
/// The row that counts the batches.
const COUNT: &[u8] = b"n";
/// The store is closed and opened again after so many batches, so that opening is cut too.
const REOPEN_AFTER: u64 = 60;
/// A message is consumed so many batches after it arrived.
const CONSUMED_AFTER: u64 = 7;
const BLOCKS_PER_BATCH: u64 = 2;
const CHAINS: u64 = 20;

/// Commits batches of blocks, one after another, and says the number of each when it is durable.
#[derive(Debug, Clone)]
pub struct Commits {
    /// The program that makes the run when it is called with [`Commits::COMMAND`], a folder and the number of batches.
    pub program: PathBuf,
    /// How many batches are committed.
    pub batches: u64,
}

impl Commits {
    /// The first argument of the command.
    pub const COMMAND: &str = "commits";

    /// Makes the run.
    pub fn make(folder: &Path, batches: u64) -> Result<(), Box<dyn Error>> {
        for first in (1..=batches).step_by(usize::try_from(REOPEN_AFTER)?) {
            let store = open(folder)?;
            for number in first..=batches.min(first + REOPEN_AFTER - 1) {
                store.commit_blocking(vec![batch(number)])?;
                println!("{number}");
            }
        }
        Ok(())
    }
}

impl Run for Commits {
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(Commits::COMMAND).arg(folder).arg(self.batches.to_string());
        command
    }

    /// The store must open, hold the first batches whole, all acknowledged ones among them, and go on.
    fn check(&self, folder: &Path, said: &[String]) -> Result<(), String> {
        let acknowledged = said.last().map_or(Ok(0), |line| line.parse()).map_err(|_| format!("it said {said:?}"))?;
        let held = {
            let store = open(folder).map_err(|why| in_full(&why))?;
            let held = expect_batches(&store, acknowledged)?;
            store.commit_blocking(vec![batch(held + 1)]).map_err(|why| in_full(&why))?;
            held
        };
        let store = open(folder).map_err(|why| format!("after a commit: {}", in_full(&why)))?;
        expect_batches(&store, held + 1).map(drop)
    }
}

fn open(folder: &Path) -> Result<Embedded, myceline_storage::embedded::OpenError> {
    Embedded::open(folder, &Options { tuning: TUNING, ..Options::new(Hash::ZERO, APPENDED) })
}

/// How many batches the store holds, if it holds them whole and at least `acknowledged` of them.
fn expect_batches(store: &Embedded, acknowledged: u64) -> Result<u64, String> {
    let rows = rows(store);
    let count = rows.get(COUNT).map_or(0, |count| u64::from_le_bytes(*count.first_chunk().unwrap_or(&[0xff; 8])));
    if count < acknowledged {
        return Err(format!("{acknowledged} batches were acknowledged, {count} are there"));
    }
    let expected = model(count);
    match rows.iter().find(|(key, value)| expected.get(*key) != Some(value)) {
        Some((key, _)) => Err(format!("of {count} batches, row {} is another", key.escape_ascii())),
        None if rows.len() < expected.len() => {
            let missing =
                expected.keys().find(|key| !rows.contains_key(*key)).map(|key| key.escape_ascii().to_string());
            Err(format!("of {count} batches, row {missing:?} is missing"))
        }
        None => Ok(count),
    }
}

fn rows(store: &Embedded) -> BTreeMap<Key, Value> {
    let view = store.view();
    let tables = b"bcinstv".iter();
    tables.flat_map(|table| view.scan(&[*table], &[*table], usize::MAX).unwrap_or_default()).collect()
}

/// What a store holds after so many batches.
fn model(batches: u64) -> BTreeMap<Key, Value> {
    let mut rows = BTreeMap::new();
    for (key, value) in (1..=batches).flat_map(batch) {
        match value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
    rows
}

/// The rows of one batch, which every run and check makes anew from its number.
fn batch(number: u64) -> Batch {
    let mut batch = Batch::new();
    batch.put(COUNT, number.to_le_bytes());
    for block in 0..BLOCKS_PER_BATCH {
        let mut dice = Dice(number << 8 | block);
        let height = number * BLOCKS_PER_BATCH + block;
        let chain = dice.roll() % CHAINS;
        batch.put(key(b'b', height), value(&mut dice, 300));
        batch.put(key(b'c', height), value(&mut dice, 700));
        batch.put(key(b'v', chain), value(&mut dice, 300));
        batch.put(key(b't', chain), value(&mut dice, 150));
        batch.put(key(b's', dice.roll() % (3 * CHAINS)), value(&mut dice, 80));
        batch.put(message(number, block), value(&mut dice, 130));
        if let Some(consumed) = number.checked_sub(CONSUMED_AFTER) {
            batch.delete(message(consumed, block));
        }
    }
    batch
}

fn key(table: u8, number: u64) -> Key {
    Key::fused(&[table], &number.to_be_bytes())
}

/// Messages arrive in no order.
fn message(batch: u64, block: u64) -> Key {
    key(b'i', Dice(batch << 8 | block).roll())
}

fn value(dice: &mut Dice, bytes: usize) -> Value {
    (0..bytes).map(|_| dice.roll().to_le_bytes()[0]).collect()
}

/// An error with its causes.
fn in_full(why: &dyn Error) -> String {
    let (mut text, mut cause) = (why.to_string(), why.source());
    while let Some(why) = cause {
        text.push_str(&format!(": {why}"));
        cause = why.source();
    }
    text
}

/// A store as one should not write it: lines in a file, acknowledged without an fsync. It shows that a search finds something.
#[derive(Debug, Clone)]
pub struct Careless {
    /// The program that makes the run when it is called with [`Careless::COMMAND`] and a folder.
    pub program: PathBuf,
}

impl Careless {
    /// The first argument of the command.
    pub const COMMAND: &str = "careless";
    const FILE: &str = "lines";

    /// Makes the run.
    pub fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
        use std::io::Write as _;
        let mut file = std::fs::File::create(folder.join(Careless::FILE))?;
        for number in 1..=20 {
            writeln!(file, "{number}")?;
            println!("{number}");
        }
        Ok(())
    }
}

impl Run for Careless {
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(Careless::COMMAND).arg(folder);
        command
    }

    fn check(&self, folder: &Path, said: &[String]) -> Result<(), String> {
        let kept = std::fs::read_to_string(folder.join(Careless::FILE)).unwrap_or_default();
        let kept: Vec<_> = kept.lines().collect();
        if kept.len() >= said.len() { Ok(()) } else { Err(format!("said {}, kept {}", said.len(), kept.len())) }
    }
}
