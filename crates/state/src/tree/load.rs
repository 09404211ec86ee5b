//! Bringing into memory what an update or a proof needs, and no more.

use super::{
    BUCKET, EntrySpace, SMALL_MAX,
    node::{Hasher, Kind, Node, Subtree, weave},
    rows,
};
use crate::snapshot::{Absent, Key, Snapshot};
use myceline_types::Hash;
use std::sync::Arc;

/// Reads parts of one chain's tree.
pub(super) struct Loader<'a, S: ?Sized> {
    pub snapshot: &'a S,
    pub space: &'a EntrySpace,
    pub hasher: Hasher,
}

impl<'a, S: Snapshot + ?Sized> Loader<'a, S> {
    pub fn new(snapshot: &'a S, space: &'a EntrySpace) -> Loader<'a, S> {
        Loader { snapshot, space, hasher: Hasher::default() }
    }

    /// The root as a stub, if the tree has rows.
    pub fn root(&self) -> Result<Subtree, Absent> {
        let row = self.snapshot.get(&rows::node_key(self.space, 0, &Hash::ZERO))?;
        Ok(row.map(|row| rows::decode_node(0, Hash::ZERO, &row)))
    }

    /// The whole tree, from the entries themselves.
    pub fn rebuild(&mut self) -> Result<Subtree, Absent> {
        let prefix = &self.space.entries;
        let (mut leaves, mut start) = (Vec::new(), prefix.clone());
        loop {
            let page = self.snapshot.scan(prefix, &start, SMALL_MAX + 1)?;
            let strings = page.iter().flat_map(|(key, value)| [[&key[prefix.len()..]], [&value[..]]]);
            let hashes = self.hasher.plain_each(&strings.collect::<Vec<_>>());
            let entries: Vec<_> = hashes.as_chunks().0.iter().map(|[key, value]| (*key, *value)).collect();
            leaves.extend(Node::leaves(&mut self.hasher, &entries));
            match page.last() {
                Some((last, _)) if page.len() > SMALL_MAX => start = Key::fused(last, &[0]),
                _ => break,
            }
        }
        leaves.sort_unstable_by_key(|leaf| leaf.path);
        Ok(weave(&mut self.hasher, &leaves))
    }

    /// The same tree with all of it in memory that is `wanted`, or else everything that is absent: one round of
    /// fetching goes one level down in all places at once.
    pub fn open(&mut self, node: &Arc<Node>, wanted: &impl Fn(&Node) -> bool) -> Result<Arc<Node>, Vec<Absent>> {
        if node.held == node.entries || !wanted(node) {
            return Ok(node.clone());
        }
        match &node.kind {
            Kind::Leaf(_) => Ok(node.clone()),
            Kind::Stub { level } => {
                let opened = self.expand(node, *level).map_err(|absent| vec![absent])?;
                self.open(&opened, wanted)
            }
            Kind::Fork { bit, sides: [left, right] } => match (self.open(left, wanted), self.open(right, wanted)) {
                (Ok(left), Ok(right)) => Ok(Node::fork_with_hash(node.hash, *bit, [left, right])),
                (Err(left), Err(right)) => Err([left, right].concat()),
                (Err(absent), _) | (_, Err(absent)) => Err(absent),
            },
        }
    }

    /// What a stub stands for, one level deeper.
    ///
    /// # Panics
    /// When the rows do not have the hash that the stub has: the store is damaged, or is not the one that the tree
    /// was loaded from.
    pub fn expand(&mut self, stub: &Node, level: u8) -> Result<Arc<Node>, Absent> {
        let parts = match stub.entries > BUCKET {
            true => self.children(stub, level + 1)?,
            false => self.leaves(stub, level)?,
        };
        let whole = weave(&mut self.hasher, &parts).expect("a stub has entries");
        assert_eq!(whole.hash, stub.hash, "tree rows at level {level} differ from the row above them");
        Ok(whole)
    }

    fn children(&self, stub: &Node, level: u8) -> Result<Vec<Arc<Node>>, Absent> {
        let prefix = rows::nodes_prefix(self.space, level, &stub.path);
        let found = self.snapshot.scan(&prefix, &prefix, 16)?;
        Ok(found.iter().map(|(key, row)| rows::decode_node(level, rows::node_path(self.space, key), row)).collect())
    }

    /// A scan by the bytes that all keys share, from the first possible key on, of as many rows as there are.
    fn leaves(&mut self, stub: &Node, level: u8) -> Result<Vec<Arc<Node>>, Absent> {
        let start = rows::leaf_key(self.space, &stub.path);
        let whole_bytes = start.len() - stub.path.0.len() + usize::from(level / 2);
        let limit = usize::try_from(stub.entries).expect("a bucket is small");
        let found = self.snapshot.scan(&start[..whole_bytes], &start, limit)?;
        let entries: Vec<_> = found.iter().map(|(key, row)| rows::decode_leaf(self.space, key, row)).collect();
        Ok(Node::leaves(&mut self.hasher, &entries))
    }
}
