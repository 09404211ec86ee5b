//! The embedded engine keeps the seam's promises, refuses folders that are not its own, and survives a torn log.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;

use myceline_state::{Batch, Snapshot};
use myceline_storage::{
    Embedded, Store,
    embedded::{OpenError, Options, Tuning},
};
use myceline_types::Hash;
use proptest::{collection::vec, prelude::*};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

const NETWORK: Hash = Hash([7; 32]);

/// So small that a few batches fill segments and make files that need merging.
const SMALL: Tuning = Tuning {
    segment_bytes: 2000,
    segments_waiting: 2,
    cache_bytes: 64 << 10,
    table_bytes: 8 << 10,
    overlapping_files: 4,
    open_files: 8,
};

fn options(tuning: Tuning) -> Options {
    Options { tuning, ..Options::new(NETWORK, b"\x01b") }
}

fn open(folder: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(folder, &options(Tuning::default()))
}

/// Opens a store that is cheap to open.
fn open_small(folder: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(folder, &options(SMALL))
}

fn row(key: &str, value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, value);
    batch
}

fn get(store: &Embedded, key: &str) -> Option<Vec<u8>> {
    store.view().get(key.as_bytes()).unwrap().map(|value| value.to_vec())
}

fn check_conformance(tuning: Tuning) {
    let folders = TempDir::new().unwrap();
    let mut made = 0;
    let open = |folder: &Path| Embedded::open(folder, &options(tuning)).unwrap();
    let mut create = || {
        made += 1;
        open(&folders.path().join(made.to_string()))
    };
    conformance::check(&mut create, &mut |store| {
        let folder = store.folder().to_owned();
        drop(store);
        open(&folder)
    });
}

#[test]
fn keeps_the_promises_of_the_seam() {
    check_conformance(Tuning::default());
}

#[test]
fn keeps_them_with_many_small_files() {
    check_conformance(SMALL);
}

#[test]
fn rows_survive_flushes_merges_and_reopening() {
    let folder = TempDir::new().unwrap();
    for round in 0..3u8 {
        let store = open_small(folder.path()).unwrap();
        for n in 0..300u32 {
            let mut batch = row(&format!("b{:08}", u32::from(round) * 300 + n), &[round; 50]);
            batch.put(format!("s{:04}", n * 7 % 300), [round; 50]);
            batch.delete(format!("gone{n}"));
            store.commit_blocking(vec![batch]).unwrap();
        }
        assert_eq!(store.view().scan(b"b", b"b", usize::MAX).unwrap().len(), 300 * (usize::from(round) + 1));
        let scattered = store.view().scan(b"s", b"s", usize::MAX).unwrap();
        assert_eq!(scattered.len(), 300);
        assert!(scattered.iter().all(|(_, value)| **value == [round; 50]));
    }
}

#[test]
fn a_view_outlives_flushes_and_merges() {
    let folder = TempDir::new().unwrap();
    let store = open_small(folder.path()).unwrap();
    let mut views = Vec::new();
    for n in 0..400u32 {
        store
            .commit_blocking(vec![row(&format!("s{:02}", n % 10), &[&n.to_le_bytes()[..], &[0; 60]].concat())])
            .unwrap();
        if n % 40 == 39 {
            views.push((n, store.view()));
        }
    }
    drop(store);
    for (n, view) in views {
        let rows = view.scan(b"s", b"s", 100).unwrap();
        let found: Vec<_> = rows.iter().map(|(_, value)| u32::from_le_bytes(*value.first_chunk().unwrap())).collect();
        assert_eq!(found, (n - 9..=n).collect::<Vec<_>>());
    }
}

/// What happens while views are held.
#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<([u8; 2], Option<u8>)>),
    Hold,
    Release(usize),
}

/// Keys of two tables, one of which is appended. There are few, so that most are written again while somebody reads.
fn step() -> impl Strategy<Value = Step> {
    let key = (prop_oneof![Just(b's'), Just(b'b')], 0..12u8).prop_map(<[u8; 2]>::from);
    let write = (key, proptest::option::weighted(0.7, any::<u8>()));
    prop_oneof![
        6 => vec(write, 1..12).prop_map(Step::Commit),
        1 => Just(Step::Hold),
        1 => any::<usize>().prop_map(Step::Release),
    ]
}

type Model = BTreeMap<[u8; 2], u8>;

fn check_view(view: &impl Snapshot, model: &Model, limit: usize) {
    for table in *b"sb" {
        for number in 0..12 {
            let value = view.get(&[table, number]).unwrap();
            assert_eq!(value.map(|value| value[0]), model.get(&[table, number]).copied());
            let found = view.scan(&[table], &[table, number], limit).unwrap();
            let found: Vec<_> = found.into_iter().map(|(key, value)| (*key.as_array().unwrap(), value[0])).collect();
            let expected = model.range([table, number]..=[table, u8::MAX]).take(limit);
            assert_eq!(found, expected.map(|(key, value)| (*key, *value)).collect::<Vec<_>>());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn a_view_shows_what_it_showed_whatever_is_written_and_flushed_meanwhile(
        steps in vec(step(), 1..150),
        limit in 1..6usize,
    ) {
        let folder = TempDir::new().unwrap();
        let store = open_small(folder.path()).unwrap();
        let (mut now, mut held) = (Model::new(), Vec::new());
        for step in steps {
            match step {
                Step::Commit(writes) => {
                    let mut batch = Batch::new();
                    for (key, value) in writes {
                        batch.write(key, value.map(|value| [value; 60].into()));
                        match value {
                            Some(value) => now.insert(key, value),
                            None => now.remove(&key),
                        };
                    }
                    store.commit_blocking(vec![batch]).unwrap();
                }
                Step::Hold => held.push((store.view(), now.clone())),
                Step::Release(number) if !held.is_empty() => drop(held.swap_remove(number % held.len())),
                Step::Release(_) => (),
            }
            check_view(&store.view(), &now, limit);
            held.iter().for_each(|(view, model)| check_view(view, model, limit));
        }
    }
}

#[test]
fn the_lock_names_its_holder_and_ends_with_it() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).unwrap();
    let Err(OpenError::Locked { holder: Some(holder), .. }) = open(folder.path()) else { panic!("opened twice") };
    assert_eq!(holder.process, std::process::id());
    assert!(holder.command.contains("embedded"), "{holder}");

    let view = store.view();
    drop(store);
    assert!(matches!(open(folder.path()), Err(OpenError::Locked { .. })), "a view keeps the store open");
    drop(view);
    open(folder.path()).unwrap();
}

#[test]
fn a_killed_process_holds_no_lock() {
    if let Ok(folder) = std::env::var("HOLD_STORE_IN") {
        let store = open(Path::new(&folder)).unwrap();
        store.commit_blocking(vec![row("a", b"kept")]).unwrap();
        println!("committed");
        std::process::abort();
    }
    let folder = TempDir::new().unwrap();
    let itself = std::env::current_exe().unwrap();
    let run = ["--exact", "a_killed_process_holds_no_lock", "--nocapture"];
    let output = Command::new(itself).args(run).env("HOLD_STORE_IN", folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("committed"));
    assert!(!output.status.success());
    assert_eq!(get(&open(folder.path()).unwrap(), "a"), Some(b"kept".to_vec()));
}

fn edit_identity(folder: &Path, edit: impl Fn(&str) -> String) {
    let path = folder.join("identity");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, edit(&text)).unwrap();
}

#[test]
fn another_format_is_refused() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path()).unwrap());
    edit_identity(folder.path(), |text| text.replace("format 3", "format 4"));
    let why = open(folder.path()).err().unwrap();
    assert!(matches!(&why, OpenError::OtherFormat { found, .. } if found == "4"), "{why}");
    assert!(why.to_string().ends_with("has format 4, this program reads format 3"), "{why}");
}

#[test]
fn another_network_is_refused() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path()).unwrap());
    let other = Hash([8; 32]);
    let why = Embedded::open(folder.path(), &Options::new(other, b"")).err().unwrap();
    assert!(matches!(why, OpenError::OtherNetwork { found: NETWORK, expected, .. } if expected == other), "{why}");
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("thesis.txt"), "chapter 1").unwrap();
    assert!(matches!(open(folder.path()), Err(OpenError::NotAStore { .. })));
    fs::write(folder.path().join("identity"), "Ann\n").unwrap();
    assert!(matches!(open(folder.path()), Err(OpenError::NotAStore { .. })));
}

#[test]
fn an_unreadable_identity_is_damage() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path()).unwrap());
    edit_identity(folder.path(), |text| text.replace("network 07", "network xx"));
    assert!(matches!(open(folder.path()), Err(OpenError::Damaged { .. })));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_copy_knows_that_it_is_one() {
    let folder = TempDir::new().unwrap();
    let (original, copied, moved) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    let store = open(&original).unwrap();
    store.commit_blocking(vec![row("a", b"1")]).unwrap();
    let incarnation = store.incarnation();
    assert!(!store.is_copy());
    drop(store);

    copy_folder(&original, &copied);
    let copy = open(&copied).unwrap();
    assert!(copy.is_copy());
    assert_eq!(copy.incarnation(), incarnation);
    assert_eq!(get(&copy, "a"), Some(b"1".to_vec()));
    copy.adopt().unwrap();
    assert!(!copy.is_copy());
    assert_ne!(copy.incarnation(), incarnation);
    let adopted = copy.incarnation();
    drop(copy);
    let copy = open(&copied).unwrap();
    assert_eq!((copy.is_copy(), copy.incarnation()), (false, adopted));
    assert_eq!(get(&copy, "a"), Some(b"1".to_vec()), "the log of a copy is still read");

    fs::rename(&original, &moved).unwrap();
    let store = open(&moved).unwrap();
    assert_eq!((store.is_copy(), store.incarnation()), (false, incarnation), "moving is not copying");
}

/// The log files of a store in order.
fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder.join("log")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A store with two whole records and a third; returns its folder, and where the third begins and ends in the log.
fn three_records() -> (TempDir, usize, usize) {
    let folder = TempDir::new().unwrap();
    let mut ends = Vec::new();
    for (key, value) in [("a", 1u8), ("b", 2), ("c", 3)] {
        open_small(folder.path()).unwrap().commit_blocking(vec![row(key, &[value; 100])]).unwrap();
        let bytes = fs::read(&segments(folder.path())[0]).unwrap();
        ends.push(bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1);
    }
    (folder, ends[1], ends[2])
}

/// Opens a store with a changed log: the first two rows must be there, and the store must go on.
fn expect_two_rows(folder: &Path, what: &str) {
    for reopened in [false, true] {
        let store = open_small(folder).unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(get(&store, "a"), Some(vec![1; 100]), "{what}");
        assert_eq!(get(&store, "b"), Some(vec![2; 100]), "{what}");
        assert_eq!(get(&store, "c"), None, "{what}");
        assert_eq!(get(&store, "d").is_some(), reopened, "{what}");
        store.commit_blocking(vec![row("d", b"after the crash")]).unwrap();
    }
}

#[test]
fn a_log_torn_at_any_byte_of_its_last_record_loses_only_that() {
    let (folder, start, end) = three_records();
    let path = &segments(folder.path())[0];
    let whole = fs::read(path).unwrap();
    for cut in start..end {
        let kept = &whole[..cut];
        fs::write(path, [kept, &vec![0; whole.len() - cut]].concat()).unwrap();
        expect_two_rows(folder.path(), &format!("zeros from byte {cut}"));
        fs::write(path, kept).unwrap();
        expect_two_rows(folder.path(), &format!("shortened to {cut}"));
        let hole = [kept, &[0], &whole[cut + 1..]].concat();
        if hole != whole {
            fs::write(path, hole).unwrap();
            expect_two_rows(folder.path(), &format!("a hole at byte {cut}"));
        }
    }
}

#[test]
fn damage_before_the_last_record_is_not_a_torn_tail() {
    let (folder, start, _) = three_records();
    let path = &segments(folder.path())[0];
    let mut bytes = fs::read(path).unwrap();
    bytes[start - 1] ^= 1;
    fs::write(path, bytes).unwrap();
    let why = open_small(folder.path()).err().unwrap();
    assert!(matches!(why, OpenError::Damaged { .. }), "{why}");
    assert!(why.to_string().contains("record 2 of its log is unreadable, though record 3 follows"), "{why}");
}

#[test]
fn a_missing_log_is_damage() {
    let folder = TempDir::new().unwrap();
    let store = open_small(folder.path()).unwrap();
    (0..100).for_each(|n| store.commit_blocking(vec![row("a", &[n; 100])]).unwrap());
    drop(store);
    segments(folder.path()).iter().for_each(|path| fs::remove_file(path).unwrap());
    assert!(matches!(open(folder.path()), Err(OpenError::Damaged { .. })));
}

#[test]
fn a_gap_between_segments_is_damage() {
    let folder = TempDir::new().unwrap();
    let store = open_small(folder.path()).unwrap();
    (0..100).for_each(|n| store.commit_blocking(vec![row("a", &[n; 100])]).unwrap());
    drop(store);
    let paths = segments(folder.path());
    assert!(paths.len() >= 2, "{paths:?}");
    let mut bytes = fs::read(&paths[0]).unwrap();
    bytes[100] ^= 1;
    fs::write(&paths[0], bytes).unwrap();
    let why = open(folder.path()).err().unwrap();
    assert!(matches!(why, OpenError::Damaged { .. }), "{why}");
    assert!(why.to_string().contains("of its log are unreadable"), "{why}");
}

#[test]
fn a_failed_commit_is_said_and_stays() {
    let folder = TempDir::new().unwrap();
    let store = open_small(folder.path()).unwrap();
    store.commit_blocking(vec![row("a", b"1")]).unwrap();
    // The next segment cannot be made.
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    let first = (0..100).find_map(|_| store.commit_blocking(vec![row("b", &[0; 100])]).err()).unwrap();
    assert!(first.to_string().contains("this process must end"), "{first}");
    let second = store.commit_blocking(vec![row("c", b"1")]).unwrap_err();
    assert!(std::error::Error::source(&second).unwrap().to_string().contains("an earlier write failed"));
    assert_eq!(get(&store, "a"), Some(b"1".to_vec()), "reading goes on");
}

#[test]
#[cfg(target_os = "linux")]
fn a_memory_file_system_is_told_from_others() {
    use myceline_storage::embedded::is_memory_file_system;
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let in_memory = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>()).find(|mount| mount[2] == "tmpfs");
    if let Some(mount) = in_memory {
        assert!(is_memory_file_system(Path::new(mount[1])).unwrap(), "{mount:?}");
    }
    assert!(!is_memory_file_system(Path::new("/proc")).unwrap());
    assert!(is_memory_file_system(Path::new("/no such folder")).is_err());
}
