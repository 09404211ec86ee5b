//! Compares storage engines on a validator's work: the tables of docs/adr/0003-embedded-engine.md.
//!
//! ```text
//! cargo run --release -p myceline-storage --example engines -- FOLDER [ROUNDS]
//! ```
//!
//! Every measurement runs in a process of its own, which is killed at its end, so that memory and bytes written are its own
//! and opening is opening after a crash. Engines take turns, since other programs on the machine make it faster or slower as
//! time passes; the table shows medians.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a measurement that fails should stop")]

mod candidates;
mod process;
mod workload;

use process::Usage;
use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, abort},
    time::{Duration, Instant},
};
use workload::{Random, Workload};

/// Blocks per measurement: enough for several flushes and merges of every candidate.
const BLOCKS: u64 = 60_000;
/// What is measured: how many chains there are, and how many blocks share a commit.
const LOADS: [(u64, u64); 4] = [(100, 1), (100, 64), (10_000, 8), (10_000, 64)];
/// Loads with one block per commit cost an fsync per block: fewer of them tell as much.
const BLOCKS_SINGLE: u64 = 8_000;
const POINT_READS: u64 = 100_000;

fn main() {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        [step, engine, chains, batch, folder] => {
            let step = match step {
                "load" => load,
                "read" => read,
                "size" => size,
                _ => panic!("no step is called {step}"),
            };
            step(engine, chains.parse().unwrap(), batch.parse().unwrap(), Path::new(folder));
        }
        [folder] => compare(Path::new(folder), 3),
        [folder, rounds] => compare(Path::new(folder), rounds.parse().unwrap()),
        _ => panic!("usage: engines FOLDER [ROUNDS]"),
    }
}

fn blocks(batch: u64) -> u64 {
    if batch == 1 { BLOCKS_SINGLE } else { BLOCKS }
}

/// Runs all engines in turn and prints the medians.
fn compare(folder: &Path, rounds: usize) {
    fs::create_dir_all(folder).unwrap();
    assert!(
        !myceline_storage::embedded::is_memory_file_system(folder).unwrap(),
        "{} is in memory: an fsync there costs nothing",
        folder.display()
    );
    for (chains, batch) in LOADS {
        let mut results: BTreeMap<&str, Vec<Vec<(String, f64)>>> = BTreeMap::new();
        for _ in 0..rounds {
            for engine in candidates::NAMES {
                results.entry(engine).or_default().push(measure(engine, chains, batch, folder));
            }
        }
        print_table(chains, batch, &results);
    }
}

/// One engine under one load, in three processes.
fn measure(engine: &str, chains: u64, batch: u64, folder: &Path) -> Vec<(String, f64)> {
    let folder = folder.join(engine);
    let _ = fs::remove_dir_all(&folder);
    let run = |step: &str| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([step, engine, &chains.to_string(), &batch.to_string()]).arg(&folder);
        let output = command.output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let facts: Vec<_> = lines.lines().filter_map(|line| line.split_once('=')).collect();
        assert!(!facts.is_empty(), "{engine} {step}: {}", String::from_utf8_lossy(&output.stderr));
        facts.into_iter().map(|(name, value)| (name.to_string(), value.parse().unwrap())).collect::<Vec<_>>()
    };
    let facts = [run("load"), run("read"), run("size")].concat();
    fs::remove_dir_all(&folder).unwrap();
    facts
}

fn print_table(chains: u64, batch: u64, results: &BTreeMap<&str, Vec<Vec<(String, f64)>>>) {
    println!("\n{chains} chains, {batch} blocks per commit\n");
    println!("| | {} |", candidates::NAMES.join(" | "));
    println!("|---|{}", "---|".repeat(candidates::NAMES.len()));
    for (row, (name, _)) in results[candidates::NAMES[0]][0].iter().enumerate() {
        let cells = candidates::NAMES.map(|engine| {
            let mut values: Vec<_> = results[engine].iter().map(|facts| facts[row].1).collect();
            values.sort_by(f64::total_cmp);
            format!("{:.*}", usize::from(values[values.len() / 2] < 100.0), values[values.len() / 2])
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// Writes blocks and waits for the engine to come to rest. Ends as a crash does.
fn load(engine: &str, chains: u64, batch: u64, folder: &Path) {
    let store = candidates::open(engine, folder);
    let idle = process::resident_mib();
    let mut workload = Workload::new(chains);
    let (start, before) = (Instant::now(), Usage::now());
    let mut commits = Vec::new();
    for _ in 0..blocks(batch) / batch {
        let rows = (0..batch).flat_map(|_| workload.block()).collect();
        let start = Instant::now();
        store.commit(rows);
        commits.push(start.elapsed());
    }
    let seconds = start.elapsed().as_secs_f64();
    wait_for_rest();
    let used = Usage::now().since(before);
    let work = workload::cost_us(chains, blocks(batch));
    commits.sort();
    let blocks = blocks(batch) as f64;
    println!("commits/s={}", commits.len() as f64 / seconds);
    println!("blocks/s={}", blocks / seconds);
    println!("commit p50, ms={}", ms(commits[commits.len() / 2]));
    println!("commit p99, ms={}", ms(commits[commits.len() * 99 / 100]));
    println!("longest commit, ms={}", ms(commits[commits.len() - 1]));
    println!("CPU us per block={}", used.cpu_us / blocks - work);
    println!("bytes written per block={}", used.written / blocks);
    println!("MiB resident when opened={idle}");
    println!("MiB resident after the load={}", process::resident_mib());
    abort();
}

/// Opens after the crash, reads, and compacts.
fn read(engine: &str, chains: u64, batch: u64, folder: &Path) {
    let start = Instant::now();
    let mut store = candidates::open(engine, folder);
    println!("open after a crash, ms={}", ms(start.elapsed()));
    println!("MiB resident after opening={}", process::resident_mib());
    let mut workload = Workload::new(chains);
    let written = blocks(batch) / batch * batch;

    let mut random = Random(1);
    let start = Instant::now();
    let found = (0..POINT_READS).filter(|_| store.get(&workload.some_key(&mut random, written)).is_some()).count();
    assert_eq!(found as u64, POINT_READS, "a row is missing");
    println!("point reads/s={}", POINT_READS as f64 / start.elapsed().as_secs_f64());

    let start = Instant::now();
    let scanned = store.scan(workload::BODY, written as usize);
    assert_eq!(scanned as u64, written, "a body is missing");
    println!("rows scanned/s={}", scanned as f64 / start.elapsed().as_secs_f64());

    println!("bytes stored per block={}", process::disk_bytes(folder) / written as f64);
    store.compact();
    abort();
}

/// Files that compaction made obsolete may stay until the store is opened again.
fn size(engine: &str, _chains: u64, batch: u64, folder: &Path) {
    let _store = candidates::open(engine, folder);
    println!("bytes stored per block, compacted={}", process::disk_bytes(folder) / blocks(batch) as f64);
    abort();
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Background work belongs to the load: wait until a second passes without any.
fn wait_for_rest() {
    loop {
        let before = Usage::now();
        #[allow(clippy::disallowed_methods, reason = "nothing else is to happen meanwhile")]
        std::thread::sleep(Duration::from_secs(1));
        if Usage::now().since(before).cpu_us < 20_000.0 {
            break;
        }
    }
}
