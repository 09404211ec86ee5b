//! The one canonical encoding, BCS, and how fixed-size byte strings look in it and in JSON (hex).

mod reader;

use reader::Reader;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::SerializeTuple};
use std::{collections::BTreeSet, fmt, io};

/// Bytes that are not the canonical encoding of the type asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// The type that was asked for.
    pub what: &'static str,
    /// What the decoder says.
    pub why: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = ["not a canonical encoding of ", self.what, ": ", &self.why];
        parts.into_iter().try_for_each(|part| f.write_str(part))
    }
}

/// As it is displayed: what escapes a text takes much room in a contract.
impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DecodeError {}

/// Why the encoder finds nothing to object to.
const SOUND: &str = "protocol types are finite, shallow and have known lengths";

/// Room for most rows and messages: growing to it step by step costs more than writing them.
const USUAL_BYTES: usize = 256;

/// The canonical bytes of `value`.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    write_to(&mut bytes, value);
    bytes
}

/// Writes the canonical bytes of `value` to a buffer in memory, which takes all of them.
pub fn write_to<T: Serialize + ?Sized>(buffer: &mut impl io::Write, value: &T) {
    // The error says nothing that helps, and its texts have no place in a contract.
    let Ok(()) = bcs::serialize_into(buffer, value) else { unreachable!("{SOUND}") };
}

/// The value whose canonical bytes are exactly `bytes`.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|why| DecodeError { what: std::any::type_name::<T>(), why: why.0.into_owned() })
}

/// Length in bytes of the canonical encoding of `value`.
pub fn size_of<T: Serialize + ?Sized>(value: &T) -> usize {
    let Ok(size) = bcs::serialized_size(value) else { unreachable!("{SOUND}") };
    size
}

/// Writes a fixed-size byte string: bare bytes in BCS, hex in formats that people read.
pub fn serialize_bytes<const N: usize, S: Serializer>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return serializer.serialize_str(&hex::encode(bytes));
    }
    let mut tuple = serializer.serialize_tuple(N)?;
    // A number of sixteen bytes is written as just those, and the encoder is asked once instead of sixteen times.
    let (numbers, rest) = bytes.as_chunks();
    for number in numbers {
        tuple.serialize_element(&u128::from_le_bytes(*number))?;
    }
    for byte in rest {
        tuple.serialize_element(byte)?;
    }
    tuple.end()
}

/// The inverse of [`serialize_bytes`].
pub fn deserialize_bytes<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(ByteVisitor)
    } else {
        deserializer.deserialize_tuple(N, ByteVisitor)
    }
}

struct ByteVisitor<const N: usize>;

impl<'de, const N: usize> serde::de::Visitor<'de> for ByteVisitor<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<[u8; N], E> {
        let mut bytes = [0; N];
        hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).map_err(E::custom)?;
        Ok(bytes)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<[u8; N], A::Error> {
        let mut bytes = [0; N];
        let missing = || serde::de::Error::invalid_length(0, &self);
        let (numbers, rest) = bytes.as_chunks_mut();
        for number in numbers {
            *number = seq.next_element::<u128>()?.ok_or_else(missing)?.to_le_bytes();
        }
        for byte in rest {
            *byte = seq.next_element()?.ok_or_else(missing)?;
        }
        Ok(bytes)
    }
}

/// Reads a set. Its bytes have one order, as BCS itself asks of maps only: without this a set would have several encodings.
pub fn deserialize_set<'de, T, D>(deserializer: D) -> Result<BTreeSet<T>, D::Error>
where
    T: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    let is_written_by_people = deserializer.is_human_readable();
    let entries = Vec::<T>::deserialize(deserializer)?;
    if !is_written_by_people && !entries.is_sorted_by(|before, after| before < after) {
        return Err(serde::de::Error::custom("the entries of a set stand in ascending order, each once"));
    }
    Ok(entries.into_iter().collect())
}

/// Bytes that this layer does not look into: hex in formats that people read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Opaque(pub Vec<u8>);

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl From<Vec<u8>> for Opaque {
    fn from(bytes: Vec<u8>) -> Opaque {
        Opaque(bytes)
    }
}

impl Serialize for Opaque {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&hex::encode(&self.0))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Opaque {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Opaque, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            hex::decode(text.trim_start_matches("0x")).map(Opaque).map_err(serde::de::Error::custom)
        } else {
            deserializer.deserialize_byte_buf(OpaqueVisitor)
        }
    }
}

struct OpaqueVisitor;

impl serde::de::Visitor<'_> for OpaqueVisitor {
    type Value = Opaque;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Opaque, E> {
        Ok(Opaque(bytes.to_vec()))
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Opaque, E> {
        Ok(Opaque(bytes))
    }
}

/// A fixed-size byte string: bare bytes in BCS, hex in formats that people read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteArray<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Debug for ByteArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..N.min(4)]))
    }
}

impl<const N: usize> Serialize for ByteArray<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_bytes(&self.0, serializer)
    }
}

impl<'de, const N: usize> Deserialize<'de> for ByteArray<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByteArray<N>, D::Error> {
        deserialize_bytes(deserializer).map(ByteArray)
    }
}
