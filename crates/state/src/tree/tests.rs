//! The tree against a naive one, over rows that are kept, reloaded, absent at first or not committed yet.

use super::*;
use crate::{MemorySnapshot, Overlay, Sparse};
use expect_test::expect;
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

mod costs;
mod proofs;

type Model = BTreeMap<Key, Value>;

pub(super) fn space() -> EntrySpace {
    EntrySpace { entries: b"e/chain/".into(), tree: b"t/chain/".into() }
}

/// A chain: its store, its tree and what should be in both.
#[derive(Clone)]
pub(super) struct World {
    pub store: MemorySnapshot,
    pub tree: Tree,
    pub model: Model,
}

impl World {
    pub fn new() -> World {
        World { store: MemorySnapshot::new(), tree: Tree::new(space()), model: Model::new() }
    }

    pub fn with_entries(count: u32) -> World {
        let mut world = World::new();
        world.commit((0..count).map(|key| (key, Some(key))));
        world
    }

    /// One block: changes entries, commits and checks. Answers how many hashes that took.
    pub fn commit(&mut self, changes: impl IntoIterator<Item = (u32, Option<u32>)>) -> u64 {
        let changes = batch(changes);
        let update = self.tree.update(&self.store, &changes).unwrap();
        self.adopt(update, changes)
    }

    pub fn adopt(&mut self, update: Update, changes: Batch) -> u64 {
        for (key, value) in changes.iter() {
            match value {
                Some(value) => self.model.insert(key.clone(), value.clone()),
                None => self.model.remove(key),
            };
        }
        self.store.apply(changes.under(&space().entries));
        self.store.apply(update.rows);
        self.tree = update.tree;
        update.hashes
    }

    pub fn reload(&mut self) {
        self.tree = Tree::load(&self.store, space()).unwrap();
    }

    /// The root is the naive one, and the rows are those of a tree that was built at once.
    pub fn check(&self) {
        assert_eq!(self.tree.root(), naive_root(&self.model));
        assert_eq!(self.tree.len(), self.model.len() as u64);
        assert_eq!(self.rows(), rows_at_once(&self.model, self.tree.in_rows));
    }

    fn rows(&self) -> Vec<(Key, Value)> {
        self.store.scan(&space().tree, b"", usize::MAX).unwrap()
    }
}

pub(super) fn batch(changes: impl IntoIterator<Item = (u32, Option<u32>)>) -> Batch {
    let mut batch = Batch::new();
    let bytes = |number: u32| Value::from(number.to_be_bytes());
    changes.into_iter().for_each(|(key, value)| batch.write(bytes(key), value.map(bytes)));
    batch
}

/// The definition of the root, as literally as possible.
fn naive_root(entries: &Model) -> Hash {
    let hash = |bytes: &[u8]| Hash::of_parts(&[bytes]);
    let leaves: BTreeMap<Hash, Hash> = entries.iter().map(|(key, value)| (hash(key), hash(value))).collect();
    naive_subtree(&leaves.into_iter().collect::<Vec<_>>(), 0)
}

fn naive_subtree(leaves: &[(Hash, Hash)], bit: u8) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [(key, value)] => Hash::of_parts(&[&[0], &key.0, &value.0]),
        _ => {
            let is_left = |(key, _): &&(Hash, Hash)| key.0[usize::from(bit / 8)] << (bit % 8) & 0x80 == 0;
            let (left, right) = leaves.split_at(leaves.iter().filter(is_left).count());
            if left.is_empty() || right.is_empty() {
                return naive_subtree(leaves, bit + 1);
            }
            Hash::of_parts(&[&[1, bit], &naive_subtree(left, bit + 1).0, &naive_subtree(right, bit + 1).0])
        }
    }
}

/// The rows of a tree of these entries that was never any other.
fn rows_at_once(entries: &Model, in_rows: bool) -> Vec<(Key, Value)> {
    let mut changes = Batch::new();
    entries.iter().for_each(|(key, value)| changes.put(key.clone(), value.clone()));
    let mut hasher = Hasher::default();
    let changes = hash_changes(&mut hasher, &changes);
    let leaves = edit::leaves(&mut hasher, &changes);
    let root = edit::apply(&mut hasher, None, &leaves);
    let nothing = Stored { root: None, in_rows: false };
    let rows = rows::difference(&space(), nothing, Stored { root: root.as_ref(), in_rows }, &[]);
    rows.into_iter().map(|(key, value)| (key, value.unwrap())).collect()
}

#[test]
fn roots_are_what_the_documentation_says() {
    let mut world = World::new();
    expect!["0000000000000000000000000000000000000000000000000000000000000000"]
        .assert_eq(&world.tree.root().to_string());
    world.commit([(1, Some(10))]);
    expect!["61377dff078d6e2eab9da108fb922b95e8b95e50dd71a3b682f2401abb44a0e2"]
        .assert_eq(&world.tree.root().to_string());
    world.commit([(2, Some(20)), (3, Some(30))]);
    expect!["0496155d80ce342d7ebdb409ac20fb5ee57eec7c727592c344fc823056c62714"]
        .assert_eq(&world.tree.root().to_string());
    world.check();
}

/// A block that writes or removes a run of keys, and what happens around it.
#[derive(Debug, Clone)]
struct Block {
    first: u32,
    len: u32,
    value: Option<u32>,
    reload: bool,
}

/// Runs long enough to cross both bounds between small and large trees, both ways.
fn block() -> impl Strategy<Value = Block> {
    let len = prop_oneof![3 => 0..4u32, 2 => 4..60u32, 2 => 60..500u32];
    let value = prop_oneof![Just(None), (0..3u32).prop_map(Some)];
    (0..500u32, len, value, any::<bool>()).prop_map(|(first, len, value, reload)| Block { first, len, value, reload })
}

impl Block {
    fn changes(&self) -> impl Iterator<Item = (u32, Option<u32>)> {
        let value = self.value;
        (self.first..self.first + self.len).map(move |key| (key, value))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn root_and_rows_depend_on_the_entries_alone(blocks in vec(block(), 1..12)) {
        let mut world = World::new();
        for block in &blocks {
            world.commit(block.changes());
            world.check();
            if block.reload {
                world.reload();
                world.check();
            }
        }
    }

    /// The snapshot stays behind while blocks are proposed on top of each other, and half of them are dropped.
    #[test]
    fn updates_stack_before_they_are_committed(start in 0..400u32, blocks in vec(block(), 1..8)) {
        let mut world = World::with_entries(start);
        world.reload();
        let behind = world.store.clone();
        for block in &blocks {
            let changes = batch(block.changes());
            let root = world.tree.root();
            let update = world.tree.update(&behind, &changes).unwrap();
            prop_assert_eq!(world.tree.root(), root, "a tree never changes");
            if !block.reload {
                world.adopt(update, changes);
                world.check();
            }
        }
    }

    #[test]
    fn a_tree_of_which_everything_is_absent_at_first_ends_the_same(start in 0..600u32, block in block()) {
        let mut world = World::with_entries(start);
        let changes = batch(block.changes());
        let store = world.store.clone();
        let (tree, _) = Sparse::new(&store).run(|sparse| Tree::load(sparse, space()));
        let mut sparse = Sparse::new(&store);
        let update = loop {
            match tree.update(&sparse, &changes) {
                Ok(update) => break update,
                Err(absent) => absent.into_iter().for_each(|one| assert!(sparse.fetch(one), "asked twice")),
            }
        };
        world.adopt(update, changes);
        world.check();
    }
}

#[test]
fn a_tree_has_rows_only_while_it_is_large() {
    let mut world = World::with_entries(256);
    assert_eq!(world.rows(), []);
    world.commit([(256, Some(0))]);
    assert_eq!(world.rows().len(), 257 + 1 + 16, "leaves, root, and a level of buckets");
    world.commit((129..257).map(|key| (key, None)));
    assert_eq!(world.rows().len(), 129 + 1 + 16, "a tree that shrinks a little keeps its rows");
    world.reload();
    world.commit([(128, None)]);
    assert_eq!(world.rows(), [], "rows of what was not in memory go too");
    world.check();
}

#[test]
fn a_tree_without_rows_is_found_by_its_entries_however_many_there_are() {
    let world = World::with_entries(1000);
    let mut store = MemorySnapshot::new();
    let entries = world.store.scan(&space().entries, b"", usize::MAX).unwrap();
    let mut batch = Batch::new();
    entries.into_iter().for_each(|(key, value)| batch.put(key, value));
    store.apply(batch);
    let mut copy = World { tree: Tree::load(&store, space()).unwrap(), store, model: world.model };
    assert_eq!(copy.tree.root(), world.tree.root());
    copy.commit([(0, None)]);
    copy.check();
}

#[test]
fn neighbouring_chains_do_not_mix() {
    let mut world = World::with_entries(3);
    let root = world.tree.root();
    let mut neighbours = Batch::new();
    for prefix in [&b"e/chain"[..], b"e/chain0", b"t/chain", b"t/chain0"] {
        neighbours.put(prefix, [1]);
    }
    world.store.apply(neighbours);
    world.reload();
    assert_eq!(world.tree.root(), root);
}

#[test]
fn a_large_tree_loads_only_what_is_touched() {
    let mut world = World::with_entries(20_000);
    world.reload();
    assert_eq!(world.tree.held(), 0);
    world.commit([(7, Some(8))]);
    assert!((1..=u64::from(BUCKET)).contains(&world.tree.held()), "one bucket, not {}", world.tree.held());
    world.commit((0..3000).map(|key| (key, None)));
    world.commit((19_000..22_000).map(|key| (key, Some(1))));
    world.check();
    world.reload();
    world.check();
}

#[test]
fn rewriting_the_same_value_writes_and_hashes_nothing_in_the_tree() {
    let world = World::with_entries(1000);
    let update = world.tree.update(&world.store, &batch([(5, Some(5)), (5000, None)])).unwrap();
    assert_eq!((update.tree.root(), update.rows.len(), update.hashes), (world.tree.root(), 0, 3));
}

#[test]
fn an_overlay_feeds_the_tree() {
    let mut world = World::with_entries(10);
    let mut overlay = Overlay::new(&world.store, space().entries);
    crate::Log::<u64>::new(b"log").append(&mut overlay, &7).unwrap();
    let changes = overlay.into_changes();
    let update = world.tree.update(&world.store, &changes).unwrap();
    world.adopt(update, changes);
    world.check();
    world.reload();
    world.check();
}

#[test]
#[should_panic(expected = "tree rows at level 0 differ from the row above them")]
fn a_damaged_store_stops_the_process() {
    let mut world = World::with_entries(300);
    world.reload();
    let (key, row) = world.rows().into_iter().find(|(key, _)| key[space().tree.len()] == 1).unwrap();
    let mut damage = Batch::new();
    damage.put(key, row.iter().map(|byte| byte ^ 1).collect::<Value>());
    world.store.apply(damage);
    world.commit([(0, None)]);
}

/// Hashed keys that share 255 bits do not occur, but the shape must not depend on that.
#[test]
fn keys_that_differ_in_the_last_bit_alone_have_a_fork_there() {
    let hasher = &mut Hasher::default();
    let (left, mut right) = (Hash::ZERO, Hash::ZERO);
    right.0[31] = 1;
    let changes =
        |keys: &[Hash]| keys.iter().map(|key| Change { key: *key, value: Some(Hash::ZERO) }).collect::<Vec<_>>();
    let (of_both, of_left) = (edit::leaves(hasher, &changes(&[left, right])), edit::leaves(hasher, &changes(&[left])));
    let both = edit::apply(hasher, None, &of_both).unwrap();
    assert_eq!(both.shared_bits(), 255);
    let (_, one) = &of_both[1];
    let one_by_one = edit::apply(hasher, one.as_ref(), &of_left).unwrap();
    assert_eq!(one_by_one.hash, both.hash);
}

#[test]
fn a_tree_knows_what_is_not_there_and_never_denies_what_is() {
    for count in [0, 1, 100, 1_000] {
        let mut world = World::with_entries(count);
        for is_reloaded in [false, true] {
            let key = |number: u32| number.to_be_bytes();
            assert!((0..count).all(|number| !world.tree.lacks(&key(number))), "of {count} entries");
            let denied = (count..count + 50).filter(|number| world.tree.lacks(&key(*number))).count();
            let is_in_memory = world.tree.held() == world.tree.len();
            assert_eq!(is_in_memory, count <= 100 || !is_reloaded);
            assert_eq!(denied, if is_in_memory { 50 } else { 0 });
            let known = Known { tree: &world.tree, rows: &world.store };
            let entry = |number| known.get(&[&space().entries[..], &key(number)].concat()).unwrap();
            assert!((0..count).all(|number| entry(number).is_some()) && entry(count).is_none());
            world.reload();
        }
    }
}
