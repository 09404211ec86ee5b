//! The overlay against a plain map that is copied at each checkpoint.

use super::*;
use crate::{MemorySnapshot, Sparse};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

type Model = BTreeMap<Key, Value>;

const CHAIN: &[u8] = b"chain/";

#[derive(Debug, Clone)]
enum Step {
    Put(Key, Value),
    Delete(Key),
    Checkpoint,
    /// Rolls back to the newest checkpoint still held.
    Rollback,
    /// Drops the newest checkpoint and keeps what was written since.
    Keep,
    Get(Key),
    Scan(Key, Key, usize),
}

/// Few short keys, so that steps meet each other.
fn key() -> impl Strategy<Value = Key> {
    vec(prop_oneof![Just(0), Just(b'a'), Just(255)], 0..4).prop_map(Key::from)
}

fn value() -> impl Strategy<Value = Value> {
    vec(any::<u8>(), 0..2).prop_map(Value::from)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (key(), value()).prop_map(|(key, value)| Step::Put(key, value)),
        4 => key().prop_map(Step::Delete),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Rollback),
        1 => Just(Step::Keep),
        2 => key().prop_map(Step::Get),
        4 => (key(), key(), 0..9usize).prop_map(|(prefix, start, limit)| Step::Scan(prefix, start, limit)),
    ]
}

/// The chain's entries between rows of its neighbours.
fn store(entries: &Model) -> MemorySnapshot {
    let mut batch: Batch = Batch::new();
    entries.iter().for_each(|(key, value)| batch.put(key.clone(), value.clone()));
    let mut batch = batch.under(CHAIN);
    batch.put(b"chain", b"before");
    batch.put(b"chain0", b"behind");
    let mut store = MemorySnapshot::new();
    store.apply(batch);
    store
}

fn scan(model: &Model, prefix: &[u8], start: &[u8], limit: usize) -> Vec<(Key, Value)> {
    let ours = model.iter().filter(|(key, _)| key.starts_with(prefix) && &key[..] >= start).take(limit);
    ours.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Plays `steps` on both; answers the overlay's changes and the model's entries.
fn play(snapshot: impl Snapshot, before: &Model, steps: &[Step]) -> Result<(Batch, Model), TestCaseError> {
    let (mut overlay, mut model) = (Overlay::new(snapshot, CHAIN), before.clone());
    let mut checkpoints: Vec<(Checkpoint, Model)> = Vec::new();
    for step in steps {
        match step.clone() {
            Step::Put(key, value) => {
                overlay.put(key.clone(), value.clone());
                model.insert(key, value);
            }
            Step::Delete(key) => {
                overlay.delete(key.clone());
                model.remove(&key);
            }
            Step::Checkpoint => checkpoints.push((overlay.checkpoint(), model.clone())),
            Step::Rollback => {
                if let Some((checkpoint, then)) = checkpoints.pop() {
                    overlay.rollback(checkpoint);
                    model = then;
                }
            }
            Step::Keep => drop(checkpoints.pop()),
            Step::Get(key) => prop_assert_eq!(overlay.get(&key).unwrap(), model.get(&key).cloned()),
            Step::Scan(prefix, start, limit) => {
                prop_assert_eq!(overlay.scan(&prefix, &start, limit).unwrap(), scan(&model, &prefix, &start, limit));
            }
        }
    }
    Ok((overlay.into_changes(), model))
}

proptest! {
    #[test]
    fn an_overlay_reads_and_commits_as_a_map_does(
        before in proptest::collection::btree_map(key(), value(), 0..12),
        steps in vec(step(), 0..60),
    ) {
        let mut store = store(&before);
        let (changes, after) = play(&store, &before, &steps)?;
        store.apply(changes.under(CHAIN));
        prop_assert_eq!(store, self::store(&after));
    }

    #[test]
    fn rolling_everything_back_leaves_no_change(steps in vec(step(), 0..60)) {
        let mut overlay = Overlay::new(MemorySnapshot::new(), CHAIN);
        let checkpoint = overlay.checkpoint();
        for step in steps {
            match step {
                Step::Put(key, value) => overlay.put(key, value),
                Step::Delete(key) => overlay.delete(key),
                _ => {}
            }
        }
        overlay.rollback(checkpoint);
        prop_assert!(overlay.into_changes().is_empty());
    }
}

#[test]
fn what_is_absent_below_is_absent_above_under_its_full_key() {
    let store = store(&BTreeMap::from([(b"a".into(), [1].into())]));
    let sparse = Sparse::new(&store);
    let mut overlay = Overlay::new(&sparse, CHAIN);
    overlay.put(b"b".into(), [2].into());
    overlay.delete(b"c".into());
    assert_eq!(overlay.get(b"b"), Ok(Some([2].into())), "a pending write needs nothing from below");
    assert_eq!(overlay.get(b"c"), Ok(None));
    assert_eq!(overlay.get(b"a"), Err(Absent::Key(b"chain/a".into())));
    let absent = Absent::Range { prefix: b"chain/".into(), start: b"chain/b".into(), limit: 3 };
    assert_eq!(overlay.scan(b"", b"b", 2), Err(absent), "one more, because one is pending removal");
}
