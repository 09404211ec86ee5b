//! Keccak-256 hashes. Everything that is hashed in the protocol is hashed here, with a tag that says what it is.

use crate::keccak;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A Keccak-256 hash: 32 bytes, shown as lowercase hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// All zeros: the root of an empty list and the "none" of a header word. No preimage of it is known.
    pub const ZERO: Hash = Hash([0; 32]);

    /// Hashes the concatenation of `parts`. The caller makes the encoding unambiguous.
    pub fn of_parts(parts: &[&[u8]]) -> Hash {
        Hash(keccak::hash(parts))
    }

    /// Hashes several messages as [`Hash::of_parts`] does each of them, for less than one after the other.
    pub fn of_each<const PARTS: usize>(messages: &[[&[u8]; PARTS]]) -> Vec<Hash> {
        keccak::hash_each(messages).into_iter().map(Hash).collect()
    }

    /// Hashes a value by its canonical bytes under `tag`, so that values of two types never share a hash.
    pub fn of_value<T: Serialize>(tag: &'static str, value: &T) -> Hash {
        Hash::of_parts(&value_message(tag, &crate::encoding::to_bytes(value)))
    }

    /// Hashes several values as [`Hash::of_value`] does each of them, for less than one after the other.
    pub fn of_values<'a, T: Serialize + 'a>(tag: &'static str, values: impl Iterator<Item = &'a T>) -> Vec<Hash> {
        let (mut bytes, mut ends) = (Vec::new(), vec![0]);
        for value in values {
            crate::encoding::write_to(&mut bytes, value);
            ends.push(bytes.len());
        }
        let message = |range: &[usize]| value_message(tag, &bytes[range[0]..range[1]]);
        Hash::of_each(&ends.windows(2).map(message).collect::<Vec<_>>())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn value_message<'a>(tag: &'static str, bytes: &'a [u8]) -> [&'a [u8]; 3] {
    [tag.as_bytes(), b"::", bytes]
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    /// Eight digits are enough to tell hashes apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits, got {0:?}")]
pub struct ParseHashError(String);

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Hash, ParseHashError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).map_err(|_| ParseHashError(text.into()))?;
        Ok(Hash(bytes))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::encoding::serialize_bytes(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        crate::encoding::deserialize_bytes(deserializer).map(Hash)
    }
}
