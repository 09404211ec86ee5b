//! What is known of a tree of votes whose top was signed: enough that most of its votes take one hash and not one for each
//! level.
//!
//! It says yes only where climbing all the way would: where a path meets an earlier one and is the same from there on.

use crate::{
    Hash,
    merkle::{Path, node},
    vote::VOTES_PER_SIGNATURE_MAX,
};

/// The most levels below the top.
pub const LEVELS_MAX: usize = VOTES_PER_SIGNATURE_MAX.ilog2() as usize;

/// The nodes of a tree that paths to its top went through, or past.
pub struct SignedTree {
    levels: usize,
    /// By place: the top is at 1, and below the node at n are those at 2n and 2n + 1.
    known: Vec<Option<Hash>>,
}

impl SignedTree {
    /// A tree of so many levels below the top, of which nothing else is known.
    pub fn new(top: Hash, levels: usize) -> SignedTree {
        let mut known = vec![None; 2 << levels];
        known[1] = Some(top);
        SignedTree { levels, known }
    }

    /// Whether `path` is seen to lead from `leaf` to the top. `false` may only mean that nothing like it was seen before.
    pub fn admits(&mut self, leaf: Hash, path: &Path) -> bool {
        let Some(first) = self.place_of(path) else { return false };
        let mut nodes = [leaf; LEVELS_MAX + 1];
        let mut level = 0;
        while self.known[first >> level] != Some(nodes[level]) {
            let Some(sibling) = path.siblings.get(level) else { return false };
            nodes[level + 1] = above(nodes[level], *sibling, first >> level);
            level += 1;
        }
        let is_same = (level..self.levels).all(|level| self.known[first >> level ^ 1] == Some(path.siblings[level]));
        if is_same {
            for (level, node) in nodes[..level].iter().enumerate() {
                self.known[first >> level] = Some(*node);
                self.known[first >> level ^ 1] = Some(path.siblings[level]);
            }
        }
        is_same
    }

    /// Where a path begins, if it is one in a tree of this size.
    fn place_of(&self, path: &Path) -> Option<usize> {
        let index = usize::try_from(path.index).ok()?;
        (path.siblings.len() == self.levels && index >> self.levels == 0).then_some(1 << self.levels | index)
    }
}

fn above(below: Hash, sibling: Hash, place: usize) -> Hash {
    if place.is_multiple_of(2) { node(below, sibling) } else { node(sibling, below) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf, top_and_paths};

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|byte| leaf(&[byte])).collect()
    }

    /// How many nodes of the tree are not known.
    fn unknown(tree: &SignedTree) -> usize {
        tree.known[1..].iter().filter(|node| node.is_none()).count()
    }

    #[test]
    fn a_tree_learns_from_the_paths_of_its_leaves_in_whatever_order() {
        for count in [1, 2, 3, 7, 18, 32] {
            let leaves = leaves(count);
            let (top, paths) = top_and_paths(&leaves);
            for turn in 0..leaves.len() {
                let mut tree = SignedTree::new(top, paths[0].siblings.len());
                for index in (0..leaves.len()).map(|index| (index + turn) % leaves.len()) {
                    assert!(tree.admits(leaves[index], &paths[index]));
                    assert!(tree.admits(leaves[index], &paths[index]), "again, without a hash");
                }
                let empty = leaves.len().next_power_of_two() - leaves.len();
                assert!(unknown(&tree) <= empty * 2, "all that is not empty is known");
            }
        }
    }

    #[test]
    fn whatever_is_bent_is_not_admitted_and_not_learnt() {
        let leaves = leaves(18);
        let (top, paths) = top_and_paths(&leaves);
        let mut tree = SignedTree::new(top, 5);
        for (index, path) in paths.iter().enumerate() {
            for level in 0..5 {
                let mut bent = path.clone();
                bent.siblings[level].0[7] ^= 1;
                assert!(!tree.admits(leaves[index], &bent), "sibling {level} of leaf {index}");
            }
            let moved = Path { index: path.index ^ 1, ..path.clone() };
            assert!(!tree.admits(leaves[index], &moved));
            assert!(!tree.admits(leaf(b"other"), path));
            assert!(tree.admits(leaves[index], path));
        }
        let beyond = Path { index: 32, ..paths[0].clone() };
        let short = Path { index: 0, siblings: paths[0].siblings[..4].to_vec() };
        assert!(!tree.admits(leaves[0], &beyond) && !tree.admits(leaves[0], &short));
        let mut other = SignedTree::new(leaf(b"another top"), 5);
        assert!(paths.iter().zip(&leaves).all(|(path, leaf)| !other.admits(*leaf, path)));
        assert_eq!(unknown(&other), 62, "of 63 nodes only the top is known");
    }
}
