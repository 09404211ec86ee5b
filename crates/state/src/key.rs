//! Keys whose bytes sort as their values do, so that a scan visits a map in the order of its keys.
//!
//! An encoding says where it ends: none is a prefix of another one of the same type, which lets keys be put one after
//! the other (tuples, collections inside collections) without losing their order or running into each other.

mod nouns;
#[cfg(test)]
mod tests;

use crate::snapshot::Key;
use myceline_types::{Hash, encoding};
use serde::{Serialize, de::DeserializeOwned};
use smallvec::SmallVec;

/// A key that is being written. Most need no more room than this.
pub type KeyBuffer = SmallVec<[u8; 96]>;

/// A value that can be (part of) a key. For any two values, `a < b` exactly when the bytes of `a` sort before those
/// of `b`, unless the implementation says otherwise.
pub trait OrderedKey: Sized {
    /// Appends the bytes of this key.
    fn encode_into(&self, out: &mut KeyBuffer);

    /// Takes the bytes of one key off the front of `bytes`; `None` where there are none.
    fn decode_from(bytes: &mut &[u8]) -> Option<Self>;

    /// The bytes of this key behind those of `prefix`, to be stored.
    fn encode_under(&self, prefix: &[u8]) -> Key {
        Key::new(&self.bytes_under(prefix))
    }

    /// The same, to be looked up.
    fn bytes_under(&self, prefix: &[u8]) -> KeyBuffer {
        let mut key = KeyBuffer::from_slice(prefix);
        self.encode_into(&mut key);
        key
    }
}

macro_rules! big_endian {
    ($($number:ty)*) => {$(
        impl OrderedKey for $number {
            fn encode_into(&self, out: &mut KeyBuffer) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
                <[u8; size_of::<$number>()]>::decode_from(bytes).map(<$number>::from_be_bytes)
            }
        }
    )*};
}
big_endian!(u8 u16 u32 u64 u128);

impl<const N: usize> OrderedKey for [u8; N] {
    fn encode_into(&self, out: &mut KeyBuffer) {
        out.extend_from_slice(self);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(*head)
    }
}

impl OrderedKey for bool {
    fn encode_into(&self, out: &mut KeyBuffer) {
        out.push(u8::from(*self));
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        match u8::decode_from(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl OrderedKey for Hash {
    fn encode_into(&self, out: &mut KeyBuffer) {
        self.0.encode_into(out);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        <[u8; 32]>::decode_from(bytes).map(Hash)
    }
}

/// After a zero byte: the zero belongs to the string.
const ZERO_INSIDE: u8 = 0xff;
/// After a zero byte: the string ends. Below [`ZERO_INSIDE`], so that a string sorts before those it begins.
const END: u8 = 0;

/// Byte strings of any length: zeros are escaped, and an escaped end follows.
impl OrderedKey for Vec<u8> {
    fn encode_into(&self, out: &mut KeyBuffer) {
        for &byte in self {
            out.push(byte);
            if byte == 0 {
                out.push(ZERO_INSIDE);
            }
        }
        out.extend_from_slice(&[0, END]);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        let mut string = Vec::new();
        loop {
            match u8::decode_from(bytes)? {
                0 => match u8::decode_from(bytes)? {
                    ZERO_INSIDE => string.push(0),
                    END => return Some(string),
                    _ => return None,
                },
                byte => string.push(byte),
            }
        }
    }
}

/// Sorts by the bytes of UTF-8, as [`str`] does.
impl OrderedKey for String {
    fn encode_into(&self, out: &mut KeyBuffer) {
        self.as_bytes().to_vec().encode_into(out);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        String::from_utf8(Vec::decode_from(bytes)?).ok()
    }
}

macro_rules! tuples {
    ($(($($part:ident $index:tt),*))*) => {$(
        impl<$($part: OrderedKey),*> OrderedKey for ($($part,)*) {
            fn encode_into(&self, out: &mut KeyBuffer) {
                $(self.$index.encode_into(out);)*
            }

            fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode_from(bytes)?,)*))
            }
        }
    )*};
}
tuples! { (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) }

/// Any value as a key, by its canonical bytes: for lookups, and where any fixed order does. The order is that of the
/// bytes, which need not be that of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Canonical<T>(pub T);

impl<T: Serialize + DeserializeOwned> OrderedKey for Canonical<T> {
    fn encode_into(&self, out: &mut KeyBuffer) {
        encoding::to_bytes(&self.0).encode_into(out);
    }

    fn decode_from(bytes: &mut &[u8]) -> Option<Self> {
        encoding::from_bytes(&Vec::decode_from(bytes)?).ok().map(Canonical)
    }
}
