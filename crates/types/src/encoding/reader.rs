//! Reads BCS from a slice, as the crate `bcs` does, which writes it: a contract that reads through that crate carries all
//! texts of its errors, with the code to format floats for them, which is a quarter of the smallest contract.
//!
//! Tests and fuzzing hold one against the other.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::U32Deserializer,
};
use std::{borrow::Cow, fmt};

/// Elements of a sequence, which is also what the format itself permits.
const LENGTH_MAX: usize = (1 << 31) - 1;
/// Structs and enums inside one another, likewise.
const DEPTH_MAX: usize = 500;

/// Why bytes cannot be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Misread(pub Cow<'static, str>);

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed: what escapes a text takes more room in a contract than all of this file.
impl fmt::Debug for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misread {}

impl serde::de::Error for Misread {
    fn custom<T: fmt::Display>(what: T) -> Misread {
        misfit(what)
    }
}

/// What a type says about a value that it cannot have.
#[cfg(not(target_arch = "wasm32"))]
fn misfit(what: impl fmt::Display) -> Misread {
    Misread(what.to_string().into())
}

/// The same in a guest, which has no room for the words.
#[cfg(target_arch = "wasm32")]
fn misfit(_: impl fmt::Display) -> Misread {
    wrong("a value that this type cannot have")
}

type Result<T> = std::result::Result<T, Misread>;

fn wrong(what: &'static str) -> Misread {
    Misread(Cow::Borrowed(what))
}

/// Bytes that are read from front to back.
pub struct Reader<'de> {
    left: &'de [u8],
    depth: usize,
}

impl<'de> Reader<'de> {
    /// Begins at the front.
    pub fn new(bytes: &'de [u8]) -> Reader<'de> {
        Reader { left: bytes, depth: DEPTH_MAX }
    }

    /// All bytes must have been read.
    pub fn end(self) -> Result<()> {
        if self.left.is_empty() { Ok(()) } else { Err(wrong("remaining input")) }
    }

    fn bytes(&mut self, length: usize) -> Result<&'de [u8]> {
        let (bytes, left) = self.left.split_at_checked(length).ok_or_else(|| wrong("unexpected end of input"))?;
        self.left = left;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, left) = self.left.split_first_chunk().ok_or_else(|| wrong("unexpected end of input"))?;
        self.left = left;
        Ok(*bytes)
    }

    fn byte(&mut self) -> Result<u8> {
        self.array().map(u8::from_le_bytes)
    }

    /// A number in groups of seven bits, the last of which is not empty.
    fn uleb128(&mut self) -> Result<u32> {
        let mut value = 0_u64;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 != 0 {
                continue;
            }
            if shift > 0 && byte == 0 {
                return Err(wrong("a length or variant in more bytes than it needs"));
            }
            return u32::try_from(value).map_err(|_| wrong("a length or variant of more than 32 bits"));
        }
        Err(wrong("a length or variant of more than 32 bits"))
    }

    fn length(&mut self) -> Result<usize> {
        let length = usize::try_from(self.uleb128()?).map_err(|_| wrong("a length that is too great"))?;
        if length > LENGTH_MAX { Err(wrong("a length that is too great")) } else { Ok(length) }
    }

    fn counted(&mut self) -> Result<&'de [u8]> {
        let length = self.length()?;
        self.bytes(length)
    }

    fn text(&mut self) -> Result<&'de str> {
        std::str::from_utf8(self.counted()?).map_err(|_| wrong("malformed UTF-8"))
    }

    /// Reads what is inside of something with a name.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| wrong("types inside types without end"))?;
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }

    fn elements<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(Elements { reader: self, left: count })
    }
}

/// What a number, little end first, is read by.
macro_rules! numbers {
    ($($deserialize:ident $visit:ident $number:ty;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(<$number>::from_le_bytes(self.array()?))
        }
    )*};
}

/// What has no form in this encoding.
macro_rules! absent {
    ($($deserialize:ident)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
            Err(wrong("a type that this encoding does not have"))
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Misread;

    numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    absent! { deserialize_any deserialize_ignored_any deserialize_f32 deserialize_f64 deserialize_char }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.byte()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(wrong("expected boolean")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.counted()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.byte()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self),
            _ => Err(wrong("expected option")),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.deserialize_unit(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.inside(|reader| visitor.visit_newtype_struct(reader))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let count = self.length()?;
        self.elements(count, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value> {
        self.elements(count, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, count: usize, visitor: V) -> Result<V::Value> {
        self.inside(|reader| reader.elements(count, visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let left = self.length()?;
        visitor.visit_map(Entries { reader: self, left, before: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.inside(|reader| reader.elements(fields.len(), visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.inside(|reader| visitor.visit_enum(reader))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The elements of a sequence, a tuple or a struct.
struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The entries of a map: the bytes of their keys ascend.
struct Entries<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
    /// The key before.
    before: Option<&'de [u8]>,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let from = self.reader.left;
        let key = seed.deserialize(&mut *self.reader)?;
        let bytes = &from[..from.len() - self.reader.left.len()];
        if self.before.is_some_and(|before| before >= bytes) {
            return Err(wrong("keys of a map that do not ascend"));
        }
        (self.left, self.before) = (left, Some(bytes));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Misread;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let variant: U32Deserializer<Misread> = self.uleb128()?.into_deserializer();
        Ok((seed.deserialize(variant)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Misread;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value> {
        self.elements(count, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.elements(fields.len(), visitor)
    }
}
