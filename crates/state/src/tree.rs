//! The authenticated tree: one hash for all entries of a chain, and proofs that an entry is there or is not.
//!
//! It is a binary tree over Keccak-256 of the keys in which every fork has two sides (a crit-bit tree), so that its shape,
//! and therefore the root, depends on the set of entries alone:
//!
//! ```text
//! root without entries = 0
//! leaf = keccak(0x00 ++ keccak(key) ++ keccak(value))                all keys below share the bits before `bit`;
//! fork = keccak(0x01 ++ bit ++ left ++ right)                        those on the left have a 0 there, the others a 1
//! ```
//!
//! A [`Tree`] is a value in memory. An update answers another one that shares what did not change: whoever keeps the
//! first has rolled back, and a clone is free. A small tree is all in memory and stores nothing beside the entries; a
//! large one keeps rows, of which updates and proofs load what they touch. `docs/adr/0002-state-tree.md` says why.
//!
//! The tree does not store entries: the caller commits them together with the rows of their update.

mod edit;
mod known;
mod load;
mod node;
mod proof;
mod rows;
#[cfg(test)]
mod tests;

pub use known::Known;
pub use proof::{Leaf, Proof, ProofError, Step};

use crate::snapshot::{Absent, Batch, Key, Snapshot, Value};
use edit::Change;
use load::Loader;
use myceline_types::Hash;
use node::{Hasher, Subtree};
use rows::Stored;
use std::sync::Arc;

/// A tree of more entries has rows: reading so many entries is what loading a tree may cost at most.
const SMALL_MAX: usize = 256;
/// A tree of no more entries has none. Far enough from [`SMALL_MAX`] that a chain which stays about one size
/// does not write its rows again and again.
const SMALL_MIN: u64 = 128;
/// Up to so many entries a subtree is computed from its leaf rows: the more, the fewer node rows are
/// written and the more leaf rows read. At most [`SMALL_MIN`], so that a root in rows has children in rows.
const BUCKET: u32 = 64;

/// Where in the store the entries of one chain are, and where the rows of their tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySpace {
    /// What the keys of all entries begin with. It is not part of them as the tree sees them.
    pub entries: Key,
    /// What the keys of all rows of the tree begin with.
    pub tree: Key,
}

/// The tree over the entries of one chain, at one moment. Cloning it copies no nodes.
#[derive(Debug, Clone)]
pub struct Tree {
    space: Arc<EntrySpace>,
    root: Subtree,
    in_rows: bool,
}

/// What becomes of a tree.
#[derive(Debug, Clone)]
pub struct Update {
    /// The tree after the changes.
    pub tree: Tree,
    /// The rows to commit together with the changes; none as long as the tree is small.
    pub rows: Batch,
    /// How many hashes were computed.
    pub hashes: u64,
}

impl Tree {
    /// The tree of a chain without entries.
    pub fn new(space: EntrySpace) -> Tree {
        Tree { space: Arc::new(space), root: None, in_rows: false }
    }

    /// The tree of the entries in `snapshot`: reads one row of a large tree, all entries of a small one.
    pub fn load<S: Snapshot + ?Sized>(snapshot: &S, space: EntrySpace) -> Result<Tree, Absent> {
        let mut loader = Loader::new(snapshot, &space);
        let stored = loader.root()?;
        let in_rows = stored.is_some();
        let root = if in_rows { stored } else { loader.rebuild()? };
        Ok(Tree { space: Arc::new(space), root, in_rows })
    }

    /// The hash of all entries; zero if there are none.
    pub fn root(&self) -> Hash {
        self.root.as_ref().map_or(Hash::ZERO, |node| node.hash)
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.root.as_ref().map_or(0, |node| node.entries.into())
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// How many entries are in memory, at some 300 bytes each. It grows as updates touch more of a large tree; loading the
    /// tree again, once the rows of all updates are committed, lets go of them.
    pub fn held(&self) -> u64 {
        self.root.as_ref().map_or(0, |node| node.held.into())
    }

    /// The tree after `changes`, whose keys are relative to the prefix of entries. This tree stays as it is.
    ///
    /// `snapshot` is the one that this tree was loaded from, or a later one of the same chain up to this tree: updates need
    /// not be committed before the next one. All that is found to be absent is named at once.
    pub fn update<S: Snapshot + ?Sized>(&self, snapshot: &S, changes: &Batch) -> Result<Update, Vec<Absent>> {
        let mut loader = Loader::new(snapshot, &self.space);
        let mut changes = hash_changes(&mut loader.hasher, changes);
        let mut before = self.open(&mut loader, |node| edit::touches(&changes, node))?;
        changes.retain(|change| edit::value_of(before.as_ref(), &change.key) != change.value);
        let in_rows = self.in_rows_after(len_after(before.as_ref(), &changes));
        if self.in_rows && !in_rows {
            before = self.open(&mut loader, |_| true)?;
        }
        let leaves = edit::leaves(&mut loader.hasher, &changes);
        let root = edit::apply(&mut loader.hasher, before.as_ref(), &leaves);
        let old = Stored { root: before.as_ref(), in_rows: self.in_rows };
        let new = Stored { root: root.as_ref(), in_rows };
        let rows = rows::difference(&self.space, old, new, &changes);
        Ok(Update { rows, hashes: loader.hasher.count, tree: Tree { space: self.space.clone(), root, in_rows } })
    }

    /// A proof of what is under `key`, or that nothing is. It needs the root alone to be [verified](Proof::verify).
    pub fn prove<S: Snapshot + ?Sized>(&self, snapshot: &S, key: &[u8]) -> Result<Proof, Absent> {
        let mut loader = Loader::new(snapshot, &self.space);
        let key = loader.hasher.plain(key);
        self.root.as_ref().map_or(Ok(Proof::Empty), |root| proof::prove(&mut loader, root, key))
    }

    fn open<S: Snapshot + ?Sized>(
        &self,
        loader: &mut Loader<'_, S>,
        wanted: impl Fn(&node::Node) -> bool,
    ) -> Result<Subtree, Vec<Absent>> {
        self.root.as_ref().map(|root| loader.open(root, &wanted)).transpose()
    }

    fn in_rows_after(&self, len: u64) -> bool {
        if self.in_rows { len > SMALL_MIN } else { len > SMALL_MAX as u64 }
    }
}

/// The changes by hashed keys, in the order of those.
fn hash_changes(hasher: &mut Hasher, changes: &Batch) -> Vec<Change> {
    let strings = changes.iter().flat_map(|(key, value)| [Some(key), value.as_ref()]).flatten();
    let strings: Vec<[&[u8]; 1]> = strings.map(|bytes| [&bytes[..]]).collect();
    let mut hashes = hasher.plain_each(&strings).into_iter();
    let mut next = || hashes.next().expect("there is a hash for each string");
    let change = |value: &Option<Value>| Change { key: next(), value: value.as_ref().map(|_| next()) };
    let mut changes: Vec<Change> = changes.iter().map(|(_, value)| value).map(change).collect();
    changes.sort_unstable_by_key(|change| change.key);
    changes
}

/// How many entries there will be after `changes`, each of which changes something.
fn len_after(before: Option<&Arc<node::Node>>, changes: &[Change]) -> u64 {
    let removed = changes.iter().filter(|change| change.value.is_none()).count() as u64;
    let is_new = |change: &&Change| change.value.is_some() && edit::value_of(before, &change.key).is_none();
    let added = changes.iter().filter(is_new).count() as u64;
    before.map_or(0, |node| u64::from(node.entries)) + added - removed
}
