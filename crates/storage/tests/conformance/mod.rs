//! The promises of the `Store` seam, checked on an engine: every engine's test file calls [`check`].

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use myceline_state::{Batch, Snapshot};
use myceline_storage::Store;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::collections::BTreeMap;

/// A key or a value, as tests spell them.
type Bytes = Vec<u8>;

/// What an engine should hold.
type Model = BTreeMap<Bytes, Bytes>;

/// Checks every promise. `create` makes an empty store; `reopen` ends one and opens it again from what was durable.
pub fn check<S: Store>(create: &mut impl FnMut() -> S, reopen: &mut impl FnMut(S) -> S) {
    an_empty_store_has_no_rows(&create());
    a_scan_is_ordered_limited_and_within_its_prefix(&create());
    a_scan_crosses_no_table(&create());
    a_prefix_may_end_at_the_last_byte(&create());
    the_last_write_to_a_key_wins(&create());
    empty_values_and_long_keys_are_rows(&create());
    a_view_sees_what_was_committed_before_it_and_nothing_after(&create());
    an_empty_batch_is_a_commit(&create());
    it_behaves_like_a_map(create, reopen);
}

fn commit(store: &impl Store, writes: &[(&[u8], Option<&[u8]>)]) {
    let mut batch = Batch::new();
    for (key, value) in writes {
        match value {
            Some(value) => batch.put(key.to_vec(), value.to_vec()),
            None => batch.delete(key.to_vec()),
        }
    }
    pollster::block_on(store.commit(vec![batch])).unwrap();
}

fn put(store: &impl Store, keys: &[&[u8]]) {
    commit(store, &keys.iter().map(|key| (*key, Some(*key))).collect::<Vec<_>>());
}

fn get(view: &impl Snapshot, key: &[u8]) -> Option<Bytes> {
    view.get(key).unwrap().map(|value| value.to_vec())
}

fn scan(view: &impl Snapshot, prefix: &[u8], start: &[u8], limit: usize) -> Vec<(Bytes, Bytes)> {
    let rows = view.scan(prefix, start, limit).unwrap();
    rows.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

fn keys(store: &impl Store, prefix: &[u8], start: &[u8], limit: usize) -> Vec<Bytes> {
    scan(&store.view(), prefix, start, limit).into_iter().map(|(key, _)| key).collect()
}

fn an_empty_store_has_no_rows(store: &impl Store) {
    assert_eq!(get(&store.view(), b"a"), None);
    assert_eq!(scan(&store.view(), b"a", b"a", 10), []);
}

fn a_scan_is_ordered_limited_and_within_its_prefix(store: &impl Store) {
    put(store, &[b"ac", b"ab\x00", b"ab", b"ab\xff", b"abc", b"a", b"b"]);
    assert_eq!(keys(store, b"ab", b"ab", 10), [&b"ab"[..], b"ab\x00", b"abc", b"ab\xff"]);
    assert_eq!(keys(store, b"ab", b"ab\x01", 10), [b"abc", b"ab\xff"]);
    assert_eq!(keys(store, b"ab", b"ab", 2), [&b"ab"[..], b"ab\x00"]);
    assert_eq!(keys(store, b"ab", b"ab", 0), [] as [Bytes; 0]);
    assert_eq!(keys(store, b"ab", b"a", 1), [b"ab"], "a start below the prefix means the whole prefix");
    assert_eq!(keys(store, b"ab", b"ac", 9), [] as [Bytes; 0], "a start above the prefix means nothing");
}

fn a_scan_crosses_no_table(store: &impl Store) {
    put(store, &[b"\x00z", b"\x01", b"\x01a", b"\x02", b"\xff\xff"]);
    assert_eq!(keys(store, b"\x01", b"\x01", 10), [&b"\x01"[..], b"\x01a"]);
    assert_eq!(keys(store, b"\xff", b"\xff", 10), [b"\xff\xff"]);
}

fn a_prefix_may_end_at_the_last_byte(store: &impl Store) {
    put(store, &[b"a\xfe", b"a\xff", b"a\xff\xff\xff", b"b"]);
    assert_eq!(keys(store, b"a\xff", b"a\xff", 10), [&b"a\xff"[..], b"a\xff\xff\xff"]);
    assert_eq!(keys(store, b"a\xff\xff", b"a\xff\xff", 10), [b"a\xff\xff\xff"]);
}

fn the_last_write_to_a_key_wins(store: &impl Store) {
    commit(store, &[(b"a", Some(b"1")), (b"b", Some(b"1")), (b"c", Some(b"1"))]);
    commit(store, &[(b"a", Some(b"2")), (b"b", None), (b"absent", None)]);
    commit(store, &[(b"b", None)]);
    assert_eq!(get(&store.view(), b"a"), Some(b"2".to_vec()));
    assert_eq!(get(&store.view(), b"b"), None);
    assert_eq!(keys(store, b"b", b"b", 10), [] as [Bytes; 0]);
    commit(store, &[(b"b", Some(b"3"))]);
    assert_eq!(get(&store.view(), b"b"), Some(b"3".to_vec()), "a deleted row can come back");
}

fn empty_values_and_long_keys_are_rows(store: &impl Store) {
    let long = [&b"a"[..], &[7; 999]].concat();
    let large = vec![9; 3 << 20];
    commit(store, &[(b"a", Some(b"")), (&long, Some(&large))]);
    assert_eq!(get(&store.view(), b"a"), Some(vec![]));
    assert_eq!(get(&store.view(), &long), Some(large));
}

fn a_view_sees_what_was_committed_before_it_and_nothing_after(store: &impl Store) {
    commit(store, &[(b"a", Some(b"1")), (b"z", Some(b"1"))]);
    let view = store.view();
    commit(store, &[(b"a", Some(b"2")), (b"b", Some(b"2")), (b"z", None)]);
    for view in [view.clone(), view] {
        assert_eq!(get(&view, b"a"), Some(b"1".to_vec()));
        assert_eq!(get(&view, b"z"), Some(b"1".to_vec()));
        assert_eq!(scan(&view, b"b", b"b", 10), []);
    }
    assert_eq!(get(&store.clone().view(), b"a"), Some(b"2".to_vec()));
}

fn an_empty_batch_is_a_commit(store: &impl Store) {
    commit(store, &[]);
    assert_eq!(get(&store.view(), b"a"), None);
}

/// What a random run does to a store.
#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<(Bytes, Option<Bytes>)>),
    Scan { prefix: Bytes, start: Bytes, limit: usize },
    Reopen,
}

/// Keys from a small alphabet, so that writes meet, with both ends of the byte's range.
fn key() -> impl Strategy<Value = Bytes> {
    let byte = prop_oneof![Just(0u8), Just(1), Just(254), Just(255)];
    vec(byte, 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    let write = (key(), proptest::option::weighted(0.7, vec(any::<u8>(), 0..200)));
    prop_oneof![
        8 => vec(write, 0..20).prop_map(Step::Commit),
        4 => (key(), key(), 0usize..10).prop_map(|(prefix, start, limit)| Step::Scan { prefix, start, limit }),
        1 => Just(Step::Reopen),
    ]
}

fn it_behaves_like_a_map<S: Store>(create: &mut impl FnMut() -> S, reopen: &mut impl FnMut(S) -> S) {
    let runner = &mut TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(24) });
    let (create, reopen) = (std::cell::RefCell::new(create), std::cell::RefCell::new(reopen));
    let outcome = runner.run(&vec(step(), 1..40), |steps| {
        let mut model = Model::new();
        let mut store = (create.borrow_mut())();
        for step in steps {
            match step {
                Step::Commit(writes) => commit_both(&store, &mut model, writes),
                Step::Scan { prefix, start, limit } => {
                    let expected = scan_model(&model, &prefix, &start, limit);
                    prop_assert_eq!(scan(&store.view(), &prefix, &start, limit), expected);
                }
                Step::Reopen => store = (reopen.borrow_mut())(store),
            }
            prop_assert_eq!(everything(&store), model.clone());
        }
        Ok(())
    });
    outcome.unwrap();
}

fn commit_both(store: &impl Store, model: &mut Model, writes: Vec<(Bytes, Option<Bytes>)>) {
    let mut batch = Batch::new();
    for (key, value) in writes {
        match value {
            Some(value) => {
                model.insert(key.clone(), value.clone());
                batch.put(key, value);
            }
            None => {
                model.remove(&key);
                batch.delete(key);
            }
        }
    }
    pollster::block_on(store.commit(vec![batch])).unwrap();
}

fn scan_model(model: &Model, prefix: &[u8], start: &[u8], limit: usize) -> Vec<(Bytes, Bytes)> {
    let inside = model.iter().filter(|(key, _)| key.starts_with(prefix) && key.as_slice() >= start);
    inside.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// All rows, read by a scan of every table and again one by one.
fn everything(store: &impl Store) -> Model {
    let view = store.view();
    let scanned = (0..=255u8).flat_map(|table| scan(&view, &[table], &[table], usize::MAX));
    scanned.inspect(|(key, value)| assert_eq!(get(&view, key).as_ref(), Some(value))).collect()
}
