//! Nodes: what is hashed how, and subtrees that share what did not change.

use myceline_types::Hash;
use std::sync::Arc;

/// As many as a hashed key has bits: where two equal ones "differ".
pub(super) const KEY_BITS: u32 = 256;
/// Bits of one step between stored levels.
pub(super) const NIBBLE_BITS: u32 = 4;

/// A subtree, or `None` where there are no entries.
pub(super) type Subtree = Option<Arc<Node>>;

/// All entries whose hashed keys have some first bits in common, as one hash. With the counters of an [`Arc`] it takes two lines of a
/// processor's cache: blocks make and drop dozens.
#[derive(Debug)]
pub(super) struct Node {
    pub hash: Hash,
    /// The hashed key of one of the entries, or as much of it as all of them share and then zeros.
    pub path: Hash,
    /// How many entries there are; as many as can be counted where there are more.
    pub entries: u32,
    /// How many of them are in memory.
    pub held: u32,
    pub kind: Kind,
}

const _: () = assert!(size_of::<Node>() + 2 * size_of::<usize>() <= 128);

#[derive(Debug)]
pub(super) enum Kind {
    /// One entry: the hash of its value.
    Leaf(Hash),
    /// The entries whose hashed keys have a zero, and those that have a one, at the first bit that is not shared.
    Fork { bit: u8, sides: [Arc<Node>; 2] },
    /// Entries that share as many nibbles as the level says and are not in memory.
    Stub { level: u8 },
}

impl Node {
    pub fn leaf(hash: Hash, key: Hash, value: Hash) -> Arc<Node> {
        Arc::new(Node { hash, path: key, entries: 1, held: 1, kind: Kind::Leaf(value) })
    }

    /// The leaves of entries, which are given by the hashes of their keys and their values.
    pub fn leaves(hasher: &mut Hasher, entries: &[(Hash, Hash)]) -> Vec<Arc<Node>> {
        let hashes = hasher.leaves(entries);
        hashes.into_iter().zip(entries).map(|(hash, (key, value))| Node::leaf(hash, *key, *value)).collect()
    }

    pub fn fork(hasher: &mut Hasher, bit: u8, left: Arc<Node>, right: Arc<Node>) -> Arc<Node> {
        let hash = hasher.fork(bit, left.hash, right.hash);
        Node::fork_with_hash(hash, bit, [left, right])
    }

    pub fn fork_with_hash(hash: Hash, bit: u8, sides: [Arc<Node>; 2]) -> Arc<Node> {
        let [left, right] = &sides;
        let entries = left.entries.saturating_add(right.entries);
        let held = left.held.saturating_add(right.held);
        Arc::new(Node { hash, path: left.path, entries, held, kind: Kind::Fork { bit, sides } })
    }

    pub fn stub(level: u8, path: Hash, entries: u32, hash: Hash) -> Arc<Node> {
        Arc::new(Node { hash, path, entries, held: 0, kind: Kind::Stub { level } })
    }

    /// How many first bits the keys beneath are known to share.
    pub fn shared_bits(&self) -> u32 {
        match self.kind {
            Kind::Leaf(_) => KEY_BITS,
            Kind::Fork { bit, .. } => bit.into(),
            Kind::Stub { level } => u32::from(level) * NIBBLE_BITS,
        }
    }

    /// Calls `visit` with the key and the hash of the value of each entry in memory.
    pub fn for_each_leaf(&self, visit: &mut impl FnMut(Hash, Hash)) {
        match &self.kind {
            Kind::Leaf(value) => visit(self.path, *value),
            Kind::Fork { sides, .. } => sides.iter().for_each(|side| side.for_each_leaf(visit)),
            Kind::Stub { .. } => {}
        }
    }
}

/// The subtree over two sides that differ at `bit`; a fork never has an empty side.
pub(super) fn join(hasher: &mut Hasher, bit: u8, left: Subtree, right: Subtree) -> Subtree {
    match (left, right) {
        (Some(left), Some(right)) => Some(Node::fork(hasher, bit, left, right)),
        (only, None) | (None, only) => only,
    }
}

/// The subtree over all `parts`, which are in the order of their paths and differ in what each of them shares.
pub(super) fn weave(hasher: &mut Hasher, parts: &[Arc<Node>]) -> Subtree {
    let (first, last) = (parts.first()?, parts.last()?);
    let Ok(bit) = u8::try_from(common_bits(&first.path, &last.path)) else { return Some(first.clone()) };
    let (left, right) = parts.split_at(parts.partition_point(|part| !bit_of(&part.path, bit)));
    let (left, right) = (weave(hasher, left), weave(hasher, right));
    join(hasher, bit, left, right)
}

/// The bit of `key` at `bit`, counted from the most significant one.
pub(super) fn bit_of(key: &Hash, bit: u8) -> bool {
    key.0[usize::from(bit / 8)] & (0x80 >> (bit % 8)) != 0
}

/// The nibble of `key` at `level`, counted from the most significant one.
pub(super) fn nibble_of(key: &Hash, level: u8) -> u8 {
    let byte = key.0[usize::from(level / 2)];
    if level.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f }
}

/// How many first bits two hashed keys have in common.
pub(super) fn common_bits(a: &Hash, b: &Hash) -> u32 {
    let pairs = a.0.iter().zip(&b.0);
    let Some((index, (a, b))) = (0u32..).zip(pairs).find(|(_, (a, b))| a != b) else { return KEY_BITS };
    index * 8 + (a ^ b).leading_zeros()
}

/// Computes the hashes of the tree and counts them: the count is the cost of an update.
#[derive(Debug, Default)]
pub(super) struct Hasher {
    pub count: u64,
}

impl Hasher {
    /// Where an entry is in the tree, or what its value adds to it.
    pub fn plain(&mut self, bytes: &[u8]) -> Hash {
        self.count += 1;
        Hash::of_parts(&[bytes])
    }

    /// The same of several byte strings.
    pub fn plain_each(&mut self, strings: &[[&[u8]; 1]]) -> Vec<Hash> {
        self.count += strings.len() as u64;
        Hash::of_each(strings)
    }

    /// An entry, by the hashes of its key and its value.
    pub fn leaf(&mut self, key: Hash, value: Hash) -> Hash {
        self.count += 1;
        Hash::of_parts(&leaf_message(&key, &value))
    }

    /// The same of several entries.
    pub fn leaves(&mut self, entries: &[(Hash, Hash)]) -> Vec<Hash> {
        self.count += entries.len() as u64;
        Hash::of_each(&entries.iter().map(|(key, value)| leaf_message(key, value)).collect::<Vec<_>>())
    }

    /// Two subtrees whose keys differ first at `bit`.
    pub fn fork(&mut self, bit: u8, left: Hash, right: Hash) -> Hash {
        self.count += 1;
        Hash::of_parts(&[&[1, bit], &left.0, &right.0])
    }
}

fn leaf_message<'a>(key: &'a Hash, value: &'a Hash) -> [&'a [u8]; 3] {
    [&[0], &key.0, &value.0]
}
