//! Proofs of single entries, which need nothing but a root to be checked.
//!
//! A proof of presence leads from the entry's leaf to the root. A proof of absence leads there from the leaf to which the
//! bits of the key lead: the tree has one place for a key, and another entry has it.

use super::{
    load::Loader,
    node::{Hasher, Kind, Node, bit_of},
};
use crate::snapshot::{Absent, Snapshot};
use myceline_types::Hash;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is under one key of the state that a root stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// There are no entries at all.
    Empty,
    /// There is an entry.
    Present {
        /// The forks from the entry up to the root.
        path: Vec<Step>,
    },
    /// There is no entry: another one has its place.
    Displaced {
        /// The other entry.
        by: Leaf,
        /// The forks from the other entry up to the root.
        path: Vec<Step>,
    },
}

/// One fork on the way up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which bit of the hashed key decides between its sides, counted from the most significant one.
    pub bit: u8,
    /// The hash of the side that the key is not on.
    pub sibling: Hash,
}

/// An entry, as the tree sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// The hash of its key.
    pub key: Hash,
    /// The hash of its value.
    pub value: Hash,
}

/// Why a proof does not show what it should. None of them can be repaired: ask somebody else for a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The proof is of the opposite.
    #[error("the proof says that the entry is {}", if *.present { "there" } else { "not there" })]
    Opposite {
        /// What the proof says.
        present: bool,
    },
    /// The entry that should have the place of the key is the one of the key.
    #[error("the proof of absence names the entry itself")]
    SelfDisplaced,
    /// The forks do not lead upwards: each must decide by an earlier bit than the one below it.
    #[error("step {step} of the proof does not lead upwards")]
    Disordered {
        /// The first wrong step.
        step: usize,
    },
    /// The proof is of another key, value or state.
    #[error("the proof leads to the root {computed}")]
    OtherRoot {
        /// Where it leads.
        computed: Hash,
    },
}

impl Proof {
    /// Checks that in the state with this `root` there is `value` under `key`, or nothing if it is `None`.
    pub fn verify(&self, root: Hash, key: &[u8], value: Option<&[u8]>) -> Result<(), ProofError> {
        let hasher = &mut Hasher::default();
        let key = hasher.plain(key);
        let computed = match (self, value) {
            (Proof::Empty, None) => Hash::ZERO,
            (Proof::Present { path }, Some(value)) => {
                let value = hasher.plain(value);
                climb(hasher, key, Leaf { key, value }, path)?
            }
            (Proof::Displaced { by, .. }, None) if by.key == key => return Err(ProofError::SelfDisplaced),
            (Proof::Displaced { by, path }, None) => climb(hasher, key, *by, path)?,
            (Proof::Present { .. }, None) => return Err(ProofError::Opposite { present: true }),
            (Proof::Empty | Proof::Displaced { .. }, Some(_)) => return Err(ProofError::Opposite { present: false }),
        };
        if computed == root { Ok(()) } else { Err(ProofError::OtherRoot { computed }) }
    }
}

/// The root above `leaf`, which is where the bits of `key` lead.
fn climb(hasher: &mut Hasher, key: Hash, leaf: Leaf, path: &[Step]) -> Result<Hash, ProofError> {
    if let Some(below) = path.windows(2).position(|pair| pair[0].bit <= pair[1].bit) {
        return Err(ProofError::Disordered { step: below + 1 });
    }
    let bottom = hasher.leaf(leaf.key, leaf.value);
    Ok(path.iter().fold(bottom, |node, step| match bit_of(&key, step.bit) {
        false => hasher.fork(step.bit, node, step.sibling),
        true => hasher.fork(step.bit, step.sibling, node),
    }))
}

/// The proof for a hashed key, from `root` down to the one leaf where it can be.
pub(super) fn prove<S: Snapshot + ?Sized>(
    loader: &mut Loader<'_, S>,
    root: &Arc<Node>,
    key: Hash,
) -> Result<Proof, Absent> {
    let (mut node, mut path) = (root.clone(), Vec::new());
    loop {
        node = match &node.kind {
            Kind::Stub { level } => loader.expand(&node, *level)?,
            Kind::Fork { bit, sides } => {
                let side = usize::from(bit_of(&key, *bit));
                path.push(Step { bit: *bit, sibling: sides[1 - side].hash });
                sides[side].clone()
            }
            Kind::Leaf(value) => {
                path.reverse();
                return Ok(match node.path == key {
                    true => Proof::Present { path },
                    false => Proof::Displaced { by: Leaf { key: node.path, value: *value }, path },
                });
            }
        }
    }
}
