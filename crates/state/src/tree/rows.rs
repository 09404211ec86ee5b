//! The rows of a large tree. A small one has none.
//!
//! - A *leaf row* for each entry: `0xff ++ hash of the key` holds the hash of the value, so that neighbours in the tree
//!   are neighbours in the store.
//! - A *node row* for each subtree of entries that share their first nibbles, if the subtree one nibble above it has
//!   more than [`BUCKET`] entries: `number of nibbles ++ the nibbles, a byte each` holds count and hash. The root has one.
//!
//! So a subtree opens with one scan: of at most sixteen node rows, or of at most [`BUCKET`] leaf rows. Which rows there
//! are depends on the entries alone, once the tree is large.

use super::{
    BUCKET, EntrySpace,
    edit::Change,
    node::{Kind, NIBBLE_BITS, Node, nibble_of},
};
use crate::{
    collections::encode,
    key::{KeyBuffer, OrderedKey as _},
    snapshot::{Batch, Key, Value},
};
use myceline_types::{Hash, encoding};
use std::sync::Arc;

/// Before leaf rows; before node rows is their level, which is less.
const LEAVES: u8 = 0xff;

/// Where the leaf row of a hashed key is.
pub(super) fn leaf_key(space: &EntrySpace, key: &Hash) -> Key {
    (LEAVES, *key).encode_under(&space.tree)
}

/// The hashed key and the hash of the value of a leaf row.
pub(super) fn decode_leaf(space: &EntrySpace, key: &[u8], row: &[u8]) -> (Hash, Hash) {
    let hash = |bytes: &[u8]| Hash(bytes.try_into().expect("leaf rows are pairs of hashes"));
    (hash(&key[space.tree.len() + 1..]), hash(row))
}

/// Where the row of the subtree of keys that begin with `level` nibbles of `path` is.
pub(super) fn node_key(space: &EntrySpace, level: u8, path: &Hash) -> Key {
    nodes_prefix_of(space, level, level, path)
}

/// What the keys of the node rows at `level` below the subtree one nibble above begin with.
pub(super) fn nodes_prefix(space: &EntrySpace, level: u8, path: &Hash) -> Key {
    nodes_prefix_of(space, level, level - 1, path)
}

fn nodes_prefix_of(space: &EntrySpace, level: u8, nibbles: u8, path: &Hash) -> Key {
    let mut key = KeyBuffer::from_slice(&space.tree);
    key.push(level);
    key.extend((0..nibbles).map(|at| nibble_of(path, at)));
    Key::new(&key)
}

/// The nibbles in the key of a node row, and then zeros.
pub(super) fn node_path(space: &EntrySpace, key: &[u8]) -> Hash {
    let mut path = Hash::ZERO;
    for (byte, pair) in path.0.iter_mut().zip(key[space.tree.len() + 1..].chunks(2)) {
        *byte = pair[0] << 4 | pair.get(1).unwrap_or(&0);
    }
    path
}

/// The subtree that a node row is about.
pub(super) fn decode_node(level: u8, path: Hash, row: &[u8]) -> Arc<Node> {
    let (entries, hash): (u64, Hash) = encoding::from_bytes(row).expect("node rows are written by this module alone");
    Node::stub(level, path, u32::try_from(entries).unwrap_or(u32::MAX), hash)
}

/// A tree, and whether it has rows.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub root: Option<&'a Arc<Node>>,
    pub in_rows: bool,
}

/// The writes that turn the rows of `before` into those of `after`, which differ by `changes`.
pub(super) fn difference(space: &EntrySpace, before: Stored<'_>, after: Stored<'_>, changes: &[Change]) -> Batch {
    let mut rows = Batch::new();
    let mut leaf =
        |key: Hash, value: Option<Hash>| rows.write(leaf_key(space, &key), value.map(|hash| Value::new(&hash.0)));
    match (before.in_rows, after.in_rows) {
        (false, false) => return rows,
        (true, true) => changes.iter().for_each(|change| leaf(change.key, change.value)),
        (false, true) => for_each_leaf(after.root, |key, value| leaf(key, Some(value))),
        (true, false) => for_each_leaf(before.root, |key, _| leaf(key, None)),
    }
    node_rows(space, 0, before, after, &mut rows);
    rows
}

fn for_each_leaf(root: Option<&Arc<Node>>, mut visit: impl FnMut(Hash, Hash)) {
    if let Some(root) = root {
        root.for_each_leaf(&mut visit);
    }
}

/// Writes what differs between the node rows of two subtrees of the same first nibbles. Here `in_rows` says whether
/// the subtree itself has a row.
fn node_rows(space: &EntrySpace, level: u8, before: Stored<'_>, after: Stored<'_>, rows: &mut Batch) {
    let row =
        |stored: Stored<'_>| stored.root.filter(|_| stored.in_rows).map(|node| (u64::from(node.entries), node.hash));
    let Some(path) = before.root.or(after.root).map(|node| node.path) else { return };
    let (row_before, row_after) = (row(before), row(after));
    if row_before == row_after {
        return;
    }
    rows.write(node_key(space, level, &path), row_after.map(|row| encode(&row)));
    if !has_children(before) && !has_children(after) {
        return;
    }
    let (children_before, children_after) = (children(before, level), children(after, level));
    for (before, after) in children_before.into_iter().zip(children_after) {
        node_rows(space, level + 1, before, after, rows);
    }
}

/// Whether the subtrees one nibble below have rows.
fn has_children(stored: Stored<'_>) -> bool {
    stored.in_rows && stored.root.is_some_and(|node| node.entries > BUCKET)
}

/// The subtrees one nibble below, by that nibble.
fn children(stored: Stored<'_>, level: u8) -> [Stored<'_>; 16] {
    let mut children = [Stored { root: None, in_rows: has_children(stored) }; 16];
    if let Some(root) = stored.root {
        collect_children(root, level, &mut children);
    }
    children
}

fn collect_children<'a>(node: &'a Arc<Node>, level: u8, children: &mut [Stored<'a>; 16]) {
    match &node.kind {
        Kind::Fork { bit, sides } if u32::from(*bit) < (u32::from(level) + 1) * NIBBLE_BITS => {
            sides.iter().for_each(|side| collect_children(side, level, children));
        }
        _ => children[usize::from(nibble_of(&node.path, level))].root = Some(node),
    }
}
