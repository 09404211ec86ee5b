//! The memory engine keeps the seam's promises, and loses what a power cut would.

mod conformance;

use myceline_state::{Batch, Snapshot};
use myceline_storage::{Memory, Store};

#[test]
fn keeps_the_promises_of_the_seam() {
    conformance::check(&mut Memory::new, &mut |store| store.copy_of_disk());
}

fn batch(key: &str, value: &str) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, value);
    batch
}

#[test]
fn a_crash_loses_what_was_not_synced() {
    let store = Memory::new();
    store.apply(batch("a", "synced"));
    store.sync();
    store.apply(batch("a", "not synced"));
    store.apply(batch("b", "not synced"));
    assert_eq!(store.view().get(b"a"), Ok(Some(b"not synced".into())), "applied is visible");

    store.clone().crash();
    assert_eq!(store.view().get(b"a"), Ok(Some(b"synced".into())), "clones share the rows");
    assert_eq!(store.view().get(b"b"), Ok(None));
}

#[test]
fn a_commit_survives_a_crash() {
    let store = Memory::new();
    pollster::block_on(store.commit(vec![batch("a", "1")])).unwrap();
    store.crash();
    assert_eq!(store.view().get(b"a"), Ok(Some(b"1".into())));
}

#[test]
fn a_copy_of_the_disk_goes_its_own_way() {
    let store = Memory::new();
    store.apply(batch("a", "1"));
    store.sync();
    store.apply(batch("a", "2"));
    let copy = store.copy_of_disk();
    assert_eq!(copy.view().get(b"a"), Ok(Some(b"1".into())), "a copy holds what was durable");
    store.apply(batch("b", "3"));
    assert_eq!(copy.view().get(b"b"), Ok(None));
}
