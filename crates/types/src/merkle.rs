//! Binary Merkle trees over lists: the roots in a header, the root that a batch of votes is signed under, and proofs.
//!
//! A tree has the least power of two of places that holds its leaves; empty places are zero, and so is a node over two
//! zeros. Leaves and nodes are hashed under different prefixes, so that neither can pass for the other. The root of a
//! list also commits to its length. A Solidity verifier is a loop of one hash per level.

use crate::Hash;
use serde::{Deserialize, Serialize};

/// More levels than any list has: 2^32 leaves.
pub const DEPTH_MAX: usize = 32;

/// A leaf for `bytes`.
pub fn leaf(bytes: &[u8]) -> Hash {
    Hash::of_parts(&leaf_message(bytes))
}

/// The leaves for several byte strings.
pub fn leaves(entries: &[&[u8]]) -> Vec<Hash> {
    Hash::of_each(&entries.iter().map(|bytes| leaf_message(bytes)).collect::<Vec<_>>())
}

fn leaf_message(bytes: &[u8]) -> [&[u8]; 2] {
    [&[0], bytes]
}

fn node_message<'a>(left: &'a Hash, right: &'a Hash) -> [&'a [u8]; 3] {
    [&[1], &left.0, &right.0]
}

fn list_message<'a>(count: &'a [u8; 8], top: &'a Hash) -> [&'a [u8]; 3] {
    [&[2], count, &top.0]
}

/// The node over two others.
pub(crate) fn node(left: Hash, right: Hash) -> Hash {
    if left == Hash::ZERO && right == Hash::ZERO {
        return Hash::ZERO;
    }
    Hash::of_parts(&node_message(&left, &right))
}

/// Binds the top of a tree to the number of its leaves.
fn commit(count: u64, top: Hash) -> Hash {
    Hash::of_parts(&list_message(&count.to_be_bytes(), &top))
}

/// The root of a list of leaves: zero for the empty list.
pub fn root(leaves: &[Hash]) -> Hash {
    let [root] = roots([leaves]);
    root
}

/// The roots of several lists.
pub fn roots<const LISTS: usize>(lists: [&[Hash]; LISTS]) -> [Hash; LISTS] {
    let tops = lists.map(|leaves| ((leaves.len() as u64).to_be_bytes(), top(leaves)));
    let filled = || (0..LISTS).filter(|list| !lists[*list].is_empty());
    let messages: Vec<_> = filled().map(|list| list_message(&tops[list].0, &tops[list].1)).collect();
    let mut roots = [Hash::ZERO; LISTS];
    filled().zip(Hash::of_each(&messages)).for_each(|(list, root)| roots[list] = root);
    roots
}

/// The top of the tree over `leaves`, without their number: the leaf itself where there is one.
pub fn top(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level_above(&level);
    }
    level.first().copied().unwrap_or(Hash::ZERO)
}

fn level_above(level: &[Hash]) -> Vec<Hash> {
    let pairs = || level.chunks(2).map(|pair| (&pair[0], pair.get(1).unwrap_or(&Hash::ZERO)));
    let messages: Vec<_> = pairs().map(|(left, right)| node_message(left, right)).collect();
    let nodes = pairs().zip(Hash::of_each(&messages));
    nodes.map(|(pair, node)| if pair == (&Hash::ZERO, &Hash::ZERO) { Hash::ZERO } else { node }).collect()
}

/// The top of the tree over `leaves` and for each leaf its path to it.
pub fn top_and_paths(leaves: &[Hash]) -> (Hash, Vec<Path>) {
    let levels = leaves.len().next_power_of_two().ilog2() as usize;
    let path = |index| Path { index: index as u64, siblings: Vec::with_capacity(levels) };
    let mut paths: Vec<Path> = (0..leaves.len()).map(path).collect();
    let mut level = leaves.to_vec();
    let mut height = 0;
    while level.len() > 1 {
        for path in &mut paths {
            let sibling = (path.index >> height) ^ 1;
            let sibling = usize::try_from(sibling).ok().and_then(|at| level.get(at));
            path.siblings.push(sibling.copied().unwrap_or(Hash::ZERO));
        }
        level = level_above(&level);
        height += 1;
    }
    (level.first().copied().unwrap_or(Hash::ZERO), paths)
}

/// The way from a leaf to the top of its tree.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Path {
    /// The place of the leaf.
    pub index: u64,
    /// The other child at each level, from the leaf up.
    pub siblings: Vec<Hash>,
}

impl Path {
    /// The top of the tree in which `leaf` has this path; `None` where the path cannot be one.
    pub fn top(&self, leaf: Hash) -> Option<Hash> {
        if self.siblings.len() > DEPTH_MAX || self.index >> self.siblings.len() != 0 {
            return None;
        }
        let step = |(below, index), sibling: &Hash| {
            let above = if index & 1 == 0 { node(below, *sibling) } else { node(*sibling, below) };
            (above, index >> 1)
        };
        Some(self.siblings.iter().fold((leaf, self.index), step).0)
    }
}

/// Proof that a leaf stands at a place of the list under a root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListProof {
    /// How many leaves the list has.
    pub count: u64,
    /// From the leaf to the top.
    pub path: Path,
}

impl ListProof {
    /// Proves the leaf at `index`; `None` where the list ends before it.
    pub fn new(leaves: &[Hash], index: usize) -> Option<ListProof> {
        let (_, mut paths) = top_and_paths(leaves);
        (index < paths.len()).then(|| ListProof { count: leaves.len() as u64, path: paths.swap_remove(index) })
    }

    /// Whether the list under `root` has `leaf` at the place that this proof names.
    pub fn verify(&self, root: Hash, leaf: Hash) -> bool {
        let depth = self.count.checked_next_power_of_two().map_or(64, u64::trailing_zeros) as usize;
        self.path.index < self.count
            && self.path.siblings.len() == depth
            && self.path.top(leaf).is_some_and(|top| commit(self.count, top) == root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|byte| leaf(&[byte])).collect()
    }

    #[test]
    fn every_leaf_of_every_small_list_is_proved_and_nothing_else() {
        for count in 1..=33 {
            let leaves = leaves(count);
            let root = root(&leaves);
            for index in 0..leaves.len() {
                let proof = ListProof::new(&leaves, index).unwrap();
                assert!(proof.verify(root, leaves[index]));
                assert!(!proof.verify(root, leaf(b"other")));
                let moved = ListProof { path: Path { index: index as u64 ^ 1, ..proof.path.clone() }, ..proof.clone() };
                assert!(!moved.verify(root, leaves[index]), "another place");
                assert!(
                    !ListProof { count: proof.count + 1, ..proof.clone() }.verify(root, leaves[index]),
                    "another length"
                );
                for level in 0..proof.path.siblings.len() {
                    let mut bent = proof.clone();
                    bent.path.siblings[level].0[0] ^= 1;
                    assert!(!bent.verify(root, leaves[index]));
                }
            }
            assert_eq!(ListProof::new(&leaves, leaves.len()), None);
        }
    }

    #[test]
    fn a_node_cannot_pass_for_a_leaf_and_lengths_differ() {
        let four = leaves(4);
        let inner = [node(four[0], four[1]), node(four[2], four[3])];
        assert_eq!(top(&inner), top(&four), "the tops agree, so the length must be committed to");
        assert_ne!(root(&inner), root(&four));
        assert_eq!(root(&[]), Hash::ZERO);
        assert_ne!(root(&[Hash::ZERO]), Hash::ZERO);
    }

    #[test]
    fn a_path_of_a_single_leaf_is_empty_and_absurd_paths_are_refused() {
        let (top, paths) = top_and_paths(&leaves(1));
        assert_eq!((top, paths[0].siblings.len()), (leaf(&[0]), 0));
        assert_eq!(Path { index: 1, siblings: vec![] }.top(top), None, "index beyond the path");
        assert_eq!(Path { index: 0, siblings: vec![Hash::ZERO; 33] }.top(top), None, "longer than any");
        let huge = ListProof { count: u64::MAX, path: Path::default() };
        assert!(!huge.verify(top, top));
    }
}
