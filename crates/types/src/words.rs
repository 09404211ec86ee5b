//! Hashes over fixed 32-byte words, which Solidity computes with `abi.encode`, and the EIP-712 digest that is signed.

use crate::{Hash, NetworkId, keccak::Keccak};
use std::sync::OnceLock;

/// Hashes a sequence of 32-byte words, the first of which says what is hashed.
pub struct WordHasher(Keccak);

impl WordHasher {
    /// Begins with the ASCII text `tag`, padded on the right, as Solidity's `bytes32("tag")`.
    pub fn tagged(tag: &'static str) -> WordHasher {
        let mut word = [0; 32];
        word[..tag.len()].copy_from_slice(tag.as_bytes());
        WordHasher(Keccak::new()).hash(Hash(word))
    }

    /// Begins with an EIP-712 type hash.
    fn typed(type_hash: Hash) -> WordHasher {
        WordHasher(Keccak::new()).hash(type_hash)
    }

    /// Adds a `bytes32`.
    pub fn hash(mut self, word: Hash) -> WordHasher {
        self.0.update(&word.0);
        self
    }

    /// Adds an unsigned number.
    pub fn number(self, number: impl Into<u64>) -> WordHasher {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&number.into().to_be_bytes());
        self.hash(Hash(word))
    }

    /// The hash of the words so far.
    pub fn finish(self) -> Hash {
        Hash(self.0.finish())
    }
}

/// An EIP-712 struct type: its definition and, once computed, its type hash.
pub struct TypeHash {
    definition: &'static str,
    hash: OnceLock<Hash>,
}

impl TypeHash {
    /// A type with this definition, such as `Proposal(bytes32 chain,uint64 height)`.
    pub const fn new(definition: &'static str) -> TypeHash {
        TypeHash { definition, hash: OnceLock::new() }
    }

    /// Begins the hash of a struct of this type; its fields follow in order.
    pub fn begin(&self) -> WordHasher {
        WordHasher::typed(*self.hash.get_or_init(|| Hash::of_parts(&[self.definition.as_bytes()])))
    }
}

static DOMAIN: TypeHash = TypeHash::new("EIP712Domain(string name,string version,bytes32 salt)");

/// The EIP-712 digest of a struct in the domain of a network. This is what keys sign.
pub fn signing_digest(network: NetworkId, struct_hash: Hash) -> Hash {
    // Nearly every process knows one network only: that of its first signature.
    static FIRST: OnceLock<(NetworkId, Hash)> = OnceLock::new();
    let (first, known) = *FIRST.get_or_init(|| (network, domain(network)));
    let domain = if network == first { known } else { domain(network) };
    Hash::of_parts(&[&[0x19, 0x01], &domain.0, &struct_hash.0])
}

/// The EIP-712 domain of a network.
fn domain(network: NetworkId) -> Hash {
    static NAME_AND_VERSION: OnceLock<(Hash, Hash)> = OnceLock::new();
    let (name, version) = *NAME_AND_VERSION.get_or_init(|| (Hash::of_parts(&[b"Myceline"]), Hash::of_parts(&[b"1"])));
    DOMAIN.begin().hash(name).hash(version).hash(network.0).finish()
}
