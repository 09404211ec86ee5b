//! What a state root costs as a chain grows: prints the tables of docs/performance/state-root.md.
//!
//! ```text
//! cargo run --release -p myceline-state --example curve
//! ```
//!
//! Hashes, rows and bytes are the same everywhere. Times are those of this machine, the best of a few runs.

use myceline_state::{Absent, Batch, EntrySpace, Key, MemorySnapshot, Snapshot, Tree, Update, Value};
use myceline_types::Hash;
use std::{
    cell::Cell,
    hint::black_box,
    time::{Duration, Instant},
};

/// Times are the best of so many runs.
const RUNS: usize = 9;
/// As long as a table byte and a chain's id.
const PREFIX_LEN: usize = 33;

fn main() {
    println!("One hash of 66 bytes takes {} here.\n", microseconds(time_of_one_hash()));
    println!("| entries | touched | hashes | time in memory | from disk: hashes | rows read | time | rows | bytes |");
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    print_rows(20, &[3]);
    for entries in [10, 100, 1000, 10_000, 100_000, 1_000_000] {
        print_rows(entries, &[1, 10, 100, 1000]);
    }
}

fn print_rows(entries: u32, touched: &[u32]) {
    let (store, hot) = chain(entries);
    for &touched in touched.iter().filter(|touched| **touched <= entries) {
        let changes = touch(entries, touched);
        let (in_memory, hot_time) = best(|| update(&hot, &store, &changes));
        let reads = Counting { store: &store, rows: Cell::new(0) };
        update(&load(&reads), &reads, &changes);
        let (from_disk, cold_time) = best(|| update(&load(&store), &store, &changes));
        println!(
            "| {entries} | {touched} | {} | {} | {} | {} | {} | {} | {} |",
            in_memory.hashes,
            microseconds(hot_time),
            from_disk.hashes,
            reads.rows.get(),
            microseconds(cold_time),
            in_memory.rows.len(),
            bytes(&in_memory.rows),
        );
    }
}

/// A chain with so many entries of 40 bytes, its rows and its tree, all of which is in memory.
fn chain(entries: u32) -> (MemorySnapshot, Tree) {
    let mut changes = Batch::new();
    (0..entries).for_each(|number| changes.put(key(number), vec![0; 32]));
    let Update { tree, rows, .. } = update(&Tree::new(space()), &MemorySnapshot::new(), &changes);
    let mut store = MemorySnapshot::new();
    store.apply(changes.under(&space().entries));
    store.apply(rows);
    (store, tree)
}

fn touch(entries: u32, touched: u32) -> Batch {
    let mut changes = Batch::new();
    (0..touched).for_each(|index| changes.put(key(index * (entries / touched)), vec![1; 32]));
    changes
}

fn key(number: u32) -> Key {
    u64::from(number).to_be_bytes().into()
}

fn space() -> EntrySpace {
    EntrySpace { entries: [b'e'; PREFIX_LEN].into(), tree: [b't'; PREFIX_LEN].into() }
}

fn load(snapshot: &impl Snapshot) -> Tree {
    Tree::load(snapshot, space()).expect("the whole store is here")
}

fn update(tree: &Tree, snapshot: &impl Snapshot, changes: &Batch) -> Update {
    tree.update(snapshot, changes).expect("the whole store is here")
}

fn time_of_one_hash() -> Duration {
    const COUNT: u32 = 1000;
    let thousand = || {
        let begin = Instant::now();
        (0..COUNT).for_each(|_| _ = black_box(Hash::of_parts(&[black_box(&[7; 66])])));
        begin.elapsed() / COUNT
    };
    (0..RUNS).map(|_| thousand()).min().expect("there is a run")
}

fn best(run: impl Fn() -> Update) -> (Update, Duration) {
    let timed = || {
        let begin = Instant::now();
        let update = run();
        (update, begin.elapsed())
    };
    (0..RUNS).map(|_| timed()).min_by_key(|(_, time)| *time).expect("there is a run")
}

fn microseconds(time: Duration) -> String {
    format!("{:.2} us", time.as_secs_f64() * 1e6)
}

fn bytes(rows: &Batch) -> usize {
    rows.iter().map(|(key, row)| key.len() + row.as_ref().map_or(0, Value::len)).sum()
}

/// A store that counts the rows that it hands out.
struct Counting<'a> {
    store: &'a MemorySnapshot,
    rows: Cell<usize>,
}

impl Snapshot for Counting<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Absent> {
        self.rows.set(self.rows.get() + 1);
        self.store.get(key)
    }

    fn scan(&self, prefix: &[u8], start: &[u8], limit: usize) -> Result<Vec<(Key, Value)>, Absent> {
        let found = self.store.scan(prefix, start, limit)?;
        self.rows.set(self.rows.get() + found.len());
        Ok(found)
    }
}
