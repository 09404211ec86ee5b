//! Each collection by example, and what they leave in the store.

use super::*;
use crate::{Absent, Batch, MemorySnapshot, Overlay, Snapshot, Sparse};
use expect_test::{Expect, expect};
use myceline_types::Hash;
use std::ops::Bound;

type Test = Result<(), Absent>;

fn overlay() -> Overlay<MemorySnapshot> {
    Overlay::new(MemorySnapshot::new(), *b"chain/")
}

/// Checks all entries, with keys and values as printable text.
fn check_entries(entries: &impl Snapshot, expected: Expect) {
    let all = entries.scan(b"", b"", usize::MAX).unwrap();
    let lines = all.iter().map(|(key, value)| format!("{} = {}\n", key.escape_ascii(), value.escape_ascii()));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn a_register_holds_one_value() -> Test {
    let (register, mut entries) = (Register::<u16>::new(b"r"), overlay());
    assert_eq!(register.get(&entries)?, None);
    assert_eq!(register.get_or_default(&entries)?, 0);
    register.set(&mut entries, &7);
    register.set(&mut entries, &8);
    assert_eq!(register.get(&entries)?, Some(8));
    check_entries(
        &entries,
        expect![[r#"
            r = \x08\x00
        "#]],
    );
    register.clear(&mut entries);
    assert_eq!(register.get(&entries)?, None);
    Ok(())
}

#[test]
fn a_map_is_paged_in_the_order_of_its_keys() -> Test {
    let (map, mut entries) = (Map::<u32, String>::new(b"m"), overlay());
    for key in [300, 2, 1, 70_000] {
        map.insert(&mut entries, &key, &format!("v{key}"));
    }
    Register::<u8>::new(b"n").set(&mut entries, &9);
    let keys = |from, limit| -> Result<Vec<u32>, Absent> {
        Ok(map.page(&entries, from, limit)?.into_iter().map(|(key, _)| key).collect())
    };
    assert_eq!(keys(Bound::Unbounded, 9)?, [1, 2, 300, 70_000]);
    assert_eq!(keys(Bound::Included(&2), 2)?, [2, 300]);
    assert_eq!(keys(Bound::Excluded(&2), 2)?, [300, 70_000]);
    assert_eq!(keys(Bound::Excluded(&70_000), 2)?, [0; 0]);
    assert_eq!(map.get(&entries, &300)?.as_deref(), Some("v300"));
    assert_eq!(map.get_or_default(&entries, &3)?, "");
    map.remove(&mut entries, &300);
    assert!(!map.contains(&entries, &300)? && map.contains(&entries, &2)?);
    Ok(())
}

#[test]
fn keys_of_several_parts_do_not_run_into_each_other() -> Test {
    let (map, mut entries) = (Map::<(String, Vec<u8>), u8>::new(b"m"), overlay());
    let keys = [("a", &b"bc"[..]), ("ab", b"c"), ("abc", b""), ("a", b"\0")];
    for (index, (text, bytes)) in (0..).zip(keys) {
        map.insert(&mut entries, &(text.into(), bytes.into()), &index);
    }
    let order: Vec<u8> = map.page(&entries, Bound::Unbounded, 9)?.into_iter().map(|(_, index)| index).collect();
    assert_eq!(order, [3, 0, 1, 2]);
    Ok(())
}

#[test]
fn a_set_has_members() -> Test {
    let (set, mut entries) = (Set::<Hash>::new(b"s"), overlay());
    let [a, b] = [Hash([1; 32]), Hash([2; 32])];
    set.insert(&mut entries, &b);
    set.insert(&mut entries, &a);
    set.insert(&mut entries, &a);
    assert_eq!(set.page(&entries, Bound::Unbounded, 9)?, [a, b]);
    assert_eq!(set.page(&entries, Bound::Excluded(&a), 9)?, [b]);
    set.remove(&mut entries, &a);
    assert!(!set.contains(&entries, &a)? && set.contains(&entries, &b)?);
    Ok(())
}

#[test]
fn a_queue_is_first_in_first_out() -> Test {
    let (queue, mut entries) = (Queue::<u8>::new(b"q"), overlay());
    assert_eq!((queue.front(&entries)?, queue.pop(&mut entries)?, queue.len(&entries)?), (None, None, 0));
    for value in 10..15 {
        queue.push(&mut entries, &value)?;
    }
    assert_eq!(queue.pop(&mut entries)?, Some(10));
    assert_eq!((queue.front(&entries)?, queue.len(&entries)?), (Some(11), 4));
    assert_eq!(queue.page(&entries, 0, 2)?, [11, 12]);
    assert_eq!(queue.page(&entries, 3, 2)?, [14]);
    assert_eq!(queue.page(&entries, u64::MAX, 2)?, [0; 0]);
    queue.pop(&mut entries)?;
    queue.pop(&mut entries)?;
    check_entries(
        &entries,
        expect![[r#"
            q = \x03\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00
            q\x00\x00\x00\x00\x00\x00\x00\x03 = \r
            q\x00\x00\x00\x00\x00\x00\x00\x04 = \x0e
        "#]],
    );
    Ok(())
}

#[test]
fn an_emptied_queue_leaves_no_entry() -> Test {
    let (queue, mut entries) = (Queue::<u8>::new(b"q"), overlay());
    queue.push(&mut entries, &1)?;
    queue.push(&mut entries, &2)?;
    assert_eq!((queue.pop(&mut entries)?, queue.pop(&mut entries)?), (Some(1), Some(2)));
    assert!(queue.is_empty(&entries)?);
    check_entries(&entries, expect![""]);
    Ok(())
}

#[test]
fn a_log_only_grows() -> Test {
    let (log, mut entries) = (Log::<String>::new(b"l"), overlay());
    assert!(log.is_empty(&entries)?);
    for (index, text) in ["zero", "one", "two"].into_iter().enumerate() {
        assert_eq!(log.append(&mut entries, &text.to_string())?, index as u64);
    }
    assert_eq!(log.len(&entries)?, 3);
    assert_eq!(log.get(&entries, 1)?.as_deref(), Some("one"));
    assert_eq!(log.get(&entries, 3)?, None);
    assert_eq!(log.page(&entries, 1, 9)?, ["one", "two"]);
    Ok(())
}

#[test]
fn collections_nest_without_touching_each_other() -> Test {
    let queues: Family<String, Family<u8, Queue<u8>>> = Family::new(b"f");
    let mut entries = overlay();
    queues.of(&"ann".into()).of(&1).push(&mut entries, &11)?;
    queues.of(&"ann".into()).of(&2).push(&mut entries, &12)?;
    queues.of(&"an".into()).of(&1).push(&mut entries, &13)?;
    assert_eq!(queues.of(&"ann".into()).of(&1).pop(&mut entries)?, Some(11));
    assert_eq!(queues.of(&"ann".into()).of(&1).pop(&mut entries)?, None);
    assert_eq!(queues.of(&"ann".into()).of(&2).front(&entries)?, Some(12));
    assert_eq!(queues.of(&"an".into()).of(&1).front(&entries)?, Some(13));
    Ok(())
}

/// One of everything, with reads whose answers decide what is written.
fn play<S: Snapshot>(snapshot: S) -> Result<Batch, Absent> {
    let mut entries = Overlay::new(snapshot, *b"chain/");
    let (queue, log) = (Queue::<u32>::new(b"q"), Log::<u32>::new(b"l"));
    let (map, total) = (Map::<u32, u32>::new(b"m"), Register::<u32>::new(b"t"));
    while let Some(value) = queue.pop(&mut entries)? {
        let sum = total.get_or_default(&entries)? + value;
        total.set(&mut entries, &sum);
        log.append(&mut entries, &value)?;
    }
    for (key, value) in map.page(&entries, Bound::Excluded(&3), 3)? {
        map.insert(&mut entries, &key, &(value + 1));
    }
    queue.push(&mut entries, &1)?;
    Ok(entries.into_changes())
}

#[test]
fn a_run_with_every_first_read_absent_ends_as_a_run_over_the_whole_store() -> Test {
    let mut entries = overlay();
    for value in 0..10 {
        Queue::<u32>::new(b"q").push(&mut entries, &value)?;
        Map::<u32, u32>::new(b"m").insert(&mut entries, &value, &value);
    }
    let mut store = MemorySnapshot::new();
    store.apply(entries.into_changes().under(b"chain/"));
    let (changes, misses) = Sparse::new(&store).run(|sparse| play(sparse));
    assert_eq!(changes, play(&store)?);
    assert_eq!(misses, 1 + 10 + 2 + 1, "positions and values of the queue, total and length, one page");
    Ok(())
}
