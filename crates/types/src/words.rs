//! Hashes over fixed 32-byte words, which Solidity computes with `abi.encode`, and the EIP-712 digest that is signed.

use crate::{Hash, NetworkId};
use std::sync::OnceLock;

/// What Solidity's `abi.encode` makes of a value of a fixed type.
pub type Word = [u8; 32];

/// The ASCII text `tag`, padded on the right, as Solidity's `bytes32("tag")`: the first word, which says what is hashed.
pub fn tag(tag: &'static str) -> Word {
    let mut word = [0; 32];
    word[..tag.len()].copy_from_slice(tag.as_bytes());
    word
}

/// An unsigned number.
pub fn number(number: impl Into<u64>) -> Word {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.into().to_be_bytes());
    word
}

/// The hash of words, one after the other.
pub fn hash<const WORDS: usize>(words: [Word; WORDS]) -> Hash {
    Hash::of_parts(&[words.as_flattened()])
}

/// Several such hashes, for less than one after the other.
pub fn hash_each<const WORDS: usize>(each: impl Iterator<Item = [Word; WORDS]>) -> Vec<Hash> {
    let each: Vec<[Word; WORDS]> = each.collect();
    Hash::of_each(&each.iter().map(|words| [words.as_flattened()]).collect::<Vec<_>>())
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

    /// The type hash: the first word of a struct of this type. Its fields follow in order.
    pub fn word(&self) -> Word {
        self.hash.get_or_init(|| Hash::of_parts(&[self.definition.as_bytes()])).0
    }
}

static DOMAIN: TypeHash = TypeHash::new("EIP712Domain(string name,string version,bytes32 salt)");

/// The EIP-712 digest of a struct in the domain of a network. This is what keys sign.
pub fn signing_digest(network: NetworkId, struct_hash: Hash) -> Hash {
    Hash::of_parts(&digest_message(&domain(network), &struct_hash))
}

/// The digests of several structs, for less than one after the other.
pub fn signing_digests(network: NetworkId, struct_hashes: &[Hash]) -> Vec<Hash> {
    let domain = domain(network);
    Hash::of_each(&struct_hashes.iter().map(|hash| digest_message(&domain, hash)).collect::<Vec<_>>())
}

fn digest_message<'a>(domain: &'a Hash, struct_hash: &'a Hash) -> [&'a [u8]; 3] {
    [&[0x19, 0x01], &domain.0, &struct_hash.0]
}

/// The EIP-712 domain of a network.
fn domain(network: NetworkId) -> Hash {
    // Nearly every process knows one network only: that of its first signature.
    static FIRST: OnceLock<(NetworkId, Hash)> = OnceLock::new();
    let (first, known) = *FIRST.get_or_init(|| (network, domain_of(network)));
    if network == first { known } else { domain_of(network) }
}

fn domain_of(network: NetworkId) -> Hash {
    static NAME_AND_VERSION: OnceLock<[Word; 2]> = OnceLock::new();
    let text = |text: &[u8]| Hash::of_parts(&[text]).0;
    let [name, version] = *NAME_AND_VERSION.get_or_init(|| [text(b"Myceline"), text(b"1")]);
    hash([DOMAIN.word(), name, version, network.0.0])
}
