//! Canonical bytes to JSON.

use super::{EMPTY_MAX, Misfit, deeper};
use crate::describe::{Content, Description, Field, Format, Noun, Shape, Variant};
use myceline_types::{
    Account, Amount, Holder, Owner,
    encoding::{self, Opaque},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// The value in JSON whose canonical bytes are exactly these.
pub fn to_json(description: &Description, format: &Format, bytes: &[u8]) -> Result<Value, Misfit> {
    let mut reader = Reader { description, bytes, empty: 0 };
    let value = reader.value(format, 0)?;
    if reader.bytes.is_empty() {
        return Ok(value);
    }
    Err(Misfit::new(format!("{} bytes are left over", reader.bytes.len())))
}

struct Reader<'a> {
    description: &'a Description,
    bytes: &'a [u8],
    /// How many values took no bytes so far.
    empty: u64,
}

impl<'a> Reader<'a> {
    fn value(&mut self, format: &Format, depth: usize) -> Result<Value, Misfit> {
        let depth = deeper(depth)?;
        let before = self.bytes.len();
        let value = self.value_of(format, depth)?;
        if self.bytes.len() == before {
            self.count_empty()?;
        }
        Ok(value)
    }

    fn value_of(&mut self, format: &Format, depth: usize) -> Result<Value, Misfit> {
        match format {
            Format::Unit => Ok(Value::Null),
            Format::Bool => self.flag().map(Value::Bool),
            Format::Unsigned(width) => self.unsigned(*width),
            Format::Signed(width) => self.signed(*width),
            Format::Text => self.text(),
            Format::Bytes => self.sized().map(hex),
            Format::Fixed(length) => self.take(*length).map(hex),
            Format::Noun(noun) => self.noun(*noun),
            Format::Option(inner) => {
                if self.flag()? {
                    self.value(inner, depth)
                } else {
                    Ok(Value::Null)
                }
            }
            Format::List(inner) => self.list(inner, depth),
            Format::Tuple(parts) => parts.iter().map(|part| self.value(part, depth)).collect(),
            Format::Map(key, inner) => self.map(key, inner, depth),
            Format::Type(name) => self.named(name, depth),
        }
    }

    fn count_empty(&mut self) -> Result<(), Misfit> {
        self.empty += 1;
        if self.empty <= EMPTY_MAX { Ok(()) } else { Err(Misfit::new("too many values without bytes")) }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Misfit> {
        let (head, rest) = self.bytes.split_at_checked(length).ok_or_else(|| Misfit::new("the bytes end too early"))?;
        self.bytes = rest;
        Ok(head)
    }

    fn flag(&mut self) -> Result<bool, Misfit> {
        match self.take(1)? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Misfit::new("neither false nor true")),
        }
    }

    fn number(&mut self, width: u8) -> Result<[u8; 16], Misfit> {
        let mut number = [0; 16];
        let place =
            number.get_mut(..width.into()).ok_or_else(|| Misfit::new(format!("no number has {width} bytes")))?;
        place.copy_from_slice(self.take(width.into())?);
        Ok(number)
    }

    fn unsigned(&mut self, width: u8) -> Result<Value, Misfit> {
        let number = u128::from_le_bytes(self.number(width)?);
        Ok(u64::try_from(number).ok().filter(|_| width < 16).map_or_else(|| json!(number.to_string()), Value::from))
    }

    fn signed(&mut self, width: u8) -> Result<Value, Misfit> {
        let unused_bits = 128 - 8 * u32::from(width.clamp(1, 16));
        let number = i128::from_le_bytes(self.number(width)?) << unused_bits >> unused_bits;
        Ok(i64::try_from(number).ok().filter(|_| width < 16).map_or_else(|| json!(number.to_string()), Value::from))
    }

    /// A length has the fewest bytes that it fits into.
    fn length(&mut self) -> Result<usize, Misfit> {
        let mut length = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.take(1)? else { break };
            length |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let is_shortest = shift == 0 || *byte != 0;
                let length = u32::try_from(length).ok().filter(|_| is_shortest);
                return length.map(|length| length as usize).ok_or_else(|| Misfit::new("not a canonical length"));
            }
        }
        Err(Misfit::new("not a canonical length"))
    }

    fn sized(&mut self) -> Result<&'a [u8], Misfit> {
        let length = self.length()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<Value, Misfit> {
        let text = String::from_utf8(self.sized()?.to_vec());
        text.map(Value::String).map_err(|_| Misfit::new("a text that is not UTF-8"))
    }

    fn noun(&mut self, noun: Noun) -> Result<Value, Misfit> {
        match noun {
            Noun::Amount => self.decoded::<Amount>(&[16]),
            Noun::Owner => self.decoded::<Owner>(&OWNER_BYTES),
            Noun::Holder => self.decoded::<Holder>(&HOLDER_BYTES),
            Noun::Account => self.decoded::<Account>(&HOLDER_BYTES.map(|length| length + 32)),
        }
    }

    /// A noun that takes one of these numbers of bytes. None of its encodings begins another one.
    fn decoded<T: Serialize + DeserializeOwned>(&mut self, lengths: &[usize]) -> Result<Value, Misfit> {
        let fits = |length: &usize| encoding::from_bytes::<T>(self.bytes.get(..*length)?).ok().map(|it| (it, *length));
        let (noun, length) = lengths.iter().find_map(fits).ok_or_else(|| Misfit::new("not canonical"))?;
        self.take(length)?;
        Ok(json!(noun))
    }

    fn list(&mut self, inner: &Format, depth: usize) -> Result<Value, Misfit> {
        let length = self.length()?;
        (0..length).map(|index| self.value(inner, depth).map_err(|why| why.within(index.to_string()))).collect()
    }

    fn map(&mut self, key: &Format, inner: &Format, depth: usize) -> Result<Value, Misfit> {
        let mut object = Map::new();
        let mut last: Option<&[u8]> = None;
        for _ in 0..self.length()? {
            let before = self.bytes;
            let name = match self.value(key, depth)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let bytes = &before[..before.len() - self.bytes.len()];
            if last.replace(bytes).is_some_and(|last| last >= bytes) {
                return Err(Misfit::new("the keys of a map are not in their order"));
            }
            let value = self.value(inner, depth).map_err(|why| why.within(name.clone()))?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<Value, Misfit> {
        match self.description.types.get(name) {
            Some(Shape::Struct(fields)) => self.fields(fields, depth),
            Some(Shape::Wrapper(inner)) => self.value(inner, depth),
            Some(Shape::Enum(variants)) => self.variant(variants, depth),
            None => Err(Misfit::new(format!("the description lacks {name}"))),
        }
    }

    fn fields(&mut self, fields: &[Field], depth: usize) -> Result<Value, Misfit> {
        let read = |Field { name, format }: &Field| {
            Ok((name.clone(), self.value(format, depth).map_err(|why| why.within(name))?))
        };
        fields.iter().map(read).collect::<Result<Map<_, _>, _>>().map(Value::Object)
    }

    fn variant(&mut self, variants: &[Variant], depth: usize) -> Result<Value, Misfit> {
        let index = self.length()?;
        let Variant { name, content } =
            variants.get(index).ok_or_else(|| Misfit::new(format!("there is no case {index}")))?;
        let content = match content {
            Content::Nothing => return Ok(json!(name)),
            Content::One(format) => self.value(format, depth),
            Content::Struct(fields) => self.fields(fields, depth),
        };
        Ok(json!({ name: content.map_err(|why| why.within(name))? }))
    }
}

/// How long the kinds of owners are.
const OWNER_BYTES: [usize; 3] = [33, 21, 34];
/// How long holders are: one byte for the chain, or one before an owner.
const HOLDER_BYTES: [usize; 4] = [1, 34, 22, 35];

fn hex(bytes: &[u8]) -> Value {
    json!(Opaque(bytes.to_vec()))
}
