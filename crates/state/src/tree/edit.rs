//! Changing a tree in memory: only what leads to a change is made anew, everything else is shared with the tree before.

use super::node::{Hasher, Kind, Node, Subtree, bit_of, common_bits, join, weave};
use myceline_types::Hash;
use std::{cmp::Ordering, sync::Arc};

/// What happens to one entry: the hash of its new value, or `None` where it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub key: Hash,
    pub value: Option<Hash>,
}

/// A change with the leaf that it makes, if it makes one.
pub(super) type Leaf = (Hash, Option<Arc<Node>>);

/// The leaves that changes make, hashed together.
pub(super) fn leaves(hasher: &mut Hasher, changes: &[Change]) -> Vec<Leaf> {
    let stored: Vec<_> = changes.iter().filter_map(|change| Some((change.key, change.value?))).collect();
    let mut leaves = Node::leaves(hasher, &stored).into_iter();
    changes.iter().map(|change| (change.key, change.value.and_then(|_| leaves.next()))).collect()
}

/// The subtree after `changes`, which are in the order of their keys. What they touch must be in memory.
pub(super) fn apply(hasher: &mut Hasher, tree: Option<&Arc<Node>>, changes: &[Leaf]) -> Subtree {
    let (Some((first, leaf)), Some((last, _))) = (changes.first(), changes.last()) else { return tree.cloned() };
    let Some(node) = tree else { return build(hasher, changes) };
    let outside = common_bits(&node.path, first).min(common_bits(&node.path, last));
    let Ok(bit) = u8::try_from(outside.min(node.shared_bits())) else { return leaf.clone() };
    let (left_changes, right_changes) = changes.split_at(changes.partition_point(|(key, _)| !bit_of(key, bit)));
    let [left, right] = sides_at(node, bit);
    let left = apply(hasher, left, left_changes);
    let right = apply(hasher, right, right_changes);
    join(hasher, bit, left, right)
}

/// The subtree of what `changes` store where nothing was.
fn build(hasher: &mut Hasher, changes: &[Leaf]) -> Subtree {
    let leaves: Vec<_> = changes.iter().filter_map(|(_, leaf)| leaf.clone()).collect();
    weave(hasher, &leaves)
}

/// What `node` has on either side of `bit`, which is its own bit or one that all its keys share.
fn sides_at(node: &Arc<Node>, bit: u8) -> [Option<&Arc<Node>>; 2] {
    match &node.kind {
        Kind::Fork { bit: own, sides: [left, right] } if *own == bit => [Some(left), Some(right)],
        _ if bit_of(&node.path, bit) => [None, Some(node)],
        _ => [Some(node), None],
    }
}

/// The hash of the value under `key`, as far as the tree is in memory.
pub(super) fn value_of(tree: Option<&Arc<Node>>, key: &Hash) -> Option<Hash> {
    let mut node = tree?;
    loop {
        match &node.kind {
            Kind::Leaf(value) => return (node.path == *key).then_some(*value),
            Kind::Fork { bit, sides } => node = &sides[usize::from(bit_of(key, *bit))],
            Kind::Stub { .. } => return None,
        }
    }
}

/// Whether any of `changes`, which are in the order of their keys, has the first bits that all keys of `node` share.
pub(super) fn touches(changes: &[Change], node: &Node) -> bool {
    let order = |change: &Change| match common_bits(&change.key, &node.path) >= node.shared_bits() {
        true => Ordering::Equal,
        false => change.key.cmp(&node.path),
    };
    changes.binary_search_by(order).is_ok()
}
