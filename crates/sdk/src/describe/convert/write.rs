//! JSON to canonical bytes.

use super::{Misfit, deeper};
use crate::describe::{Content, Description, Field, Format, Noun, Shape, Variant};
use myceline_types::{Account, Amount, Holder, Owner, encoding};
use serde_json::{Map, Value};
use std::{fmt::Display, str::FromStr};

/// The canonical bytes of a value in JSON that has this format.
pub fn to_bytes(description: &Description, format: &Format, value: &Value) -> Result<Vec<u8>, Misfit> {
    let mut writer = Writer { description, out: Vec::new() };
    writer.value(format, value, 0)?;
    Ok(writer.out)
}

struct Writer<'a> {
    description: &'a Description,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn value(&mut self, format: &Format, value: &Value, depth: usize) -> Result<(), Misfit> {
        let depth = deeper(depth)?;
        match format {
            Format::Unit => value.is_null().then_some(()).ok_or_else(|| Misfit::expected("null", value)),
            Format::Bool => self.bool(value),
            Format::Unsigned(width) => self.unsigned(*width, value),
            Format::Signed(width) => self.signed(*width, value),
            Format::Text => self.sized(text(value)?.as_bytes()),
            Format::Bytes => self.sized(&bytes(value)?),
            Format::Fixed(length) => self.fixed(*length, value),
            Format::Noun(noun) => self.noun(*noun, value),
            Format::Option(inner) => self.option(inner, value, depth),
            Format::List(inner) => self.list(inner, value, depth),
            Format::Tuple(parts) => self.tuple(parts, value, depth),
            Format::Map(key, inner) => self.map(key, inner, value, depth),
            Format::Type(name) => self.named(name, value, depth),
        }
    }

    fn bool(&mut self, value: &Value) -> Result<(), Misfit> {
        let value = value.as_bool().ok_or_else(|| Misfit::expected("true or false", value))?;
        self.out.push(u8::from(value));
        Ok(())
    }

    fn unsigned(&mut self, width: u8, value: &Value) -> Result<(), Misfit> {
        let number: u128 = number(value)?;
        let width = width_of(width)?;
        let (used, rest) = split(number.to_le_bytes(), width);
        if rest.iter().any(|byte| *byte != 0) {
            return Err(Misfit::new(format!("{number} needs more than {width} bytes")));
        }
        self.out.extend(used);
        Ok(())
    }

    fn signed(&mut self, width: u8, value: &Value) -> Result<(), Misfit> {
        let number: i128 = number(value)?;
        let width = width_of(width)?;
        let unused_bits = 128 - 8 * width;
        if number << unused_bits >> unused_bits != number {
            return Err(Misfit::new(format!("{number} needs more than {width} bytes")));
        }
        self.out.extend(split(number.to_le_bytes(), width).0);
        Ok(())
    }

    fn sized(&mut self, bytes: &[u8]) -> Result<(), Misfit> {
        self.length(bytes.len())?;
        self.out.extend(bytes);
        Ok(())
    }

    fn length(&mut self, length: usize) -> Result<(), Misfit> {
        let mut rest = u32::try_from(length).map_err(|_| Misfit::new("longer than 2^32"))?;
        while rest >= 0x80 {
            self.out.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.out.push(rest.to_le_bytes()[0]);
        Ok(())
    }

    fn fixed(&mut self, length: usize, value: &Value) -> Result<(), Misfit> {
        let bytes = bytes(value)?;
        if bytes.len() != length {
            return Err(Misfit::new(format!("expected {length} bytes in hex, found {}", bytes.len())));
        }
        self.out.extend(bytes);
        Ok(())
    }

    fn noun(&mut self, noun: Noun, value: &Value) -> Result<(), Misfit> {
        let text = text(value)?;
        self.out.extend(match noun {
            Noun::Amount => encoding::to_bytes(&parsed::<Amount>(text)?),
            Noun::Owner => encoding::to_bytes(&parsed::<Owner>(text)?),
            Noun::Holder => encoding::to_bytes(&parsed::<Holder>(text)?),
            Noun::Account => encoding::to_bytes(&parsed::<Account>(text)?),
        });
        Ok(())
    }

    fn option(&mut self, inner: &Format, value: &Value, depth: usize) -> Result<(), Misfit> {
        self.out.push(u8::from(!value.is_null()));
        if value.is_null() { Ok(()) } else { self.value(inner, value, depth) }
    }

    fn list(&mut self, inner: &Format, value: &Value, depth: usize) -> Result<(), Misfit> {
        let values = value.as_array().ok_or_else(|| Misfit::expected("a list", value))?;
        self.length(values.len())?;
        for (index, value) in values.iter().enumerate() {
            self.value(inner, value, depth).map_err(|why| why.within(index.to_string()))?;
        }
        Ok(())
    }

    fn tuple(&mut self, parts: &[Format], value: &Value, depth: usize) -> Result<(), Misfit> {
        let values = value.as_array().filter(|values| values.len() == parts.len());
        let values = values.ok_or_else(|| Misfit::expected(&format!("a list of {}", parts.len()), value))?;
        for (index, (part, value)) in parts.iter().zip(values).enumerate() {
            self.value(part, value, depth).map_err(|why| why.within(index.to_string()))?;
        }
        Ok(())
    }

    /// Canonical bytes have the entries of a map in the order of the bytes of their keys.
    fn map(&mut self, key: &Format, inner: &Format, value: &Value, depth: usize) -> Result<(), Misfit> {
        let object = object(value)?;
        let mut entries = Vec::new();
        for (name, value) in object {
            let entry = |format, value: &Value| {
                let mut writer = Writer { description: self.description, out: Vec::new() };
                writer.value(format, value, depth).map(|()| writer.out).map_err(|why| why.within(name))
            };
            entries.push((entry(key, &Value::String(name.clone()))?, entry(inner, value)?));
        }
        entries.sort();
        if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(Misfit::new("two entries have the same key"));
        }
        self.length(entries.len())?;
        entries.into_iter().for_each(|(key, value)| self.out.extend(key.into_iter().chain(value)));
        Ok(())
    }

    fn named(&mut self, name: &str, value: &Value, depth: usize) -> Result<(), Misfit> {
        match self.description.types.get(name) {
            Some(Shape::Struct(fields)) => self.fields(fields, value, depth),
            Some(Shape::Wrapper(inner)) => self.value(inner, value, depth),
            Some(Shape::Enum(variants)) => self.variant(variants, value, depth),
            None => Err(Misfit::new(format!("the description lacks {name}"))),
        }
    }

    fn fields(&mut self, fields: &[Field], value: &Value, depth: usize) -> Result<(), Misfit> {
        let object = object(value)?;
        if let Some(name) = object.keys().find(|name| fields.iter().all(|field| field.name != **name)) {
            return Err(Misfit::new(format!("there is no field {name}; expected {}", names(fields, |it| &it.name))));
        }
        for Field { name, format } in fields {
            let value = match (object.get(name), format) {
                (Some(value), _) => value,
                (None, Format::Option(_)) => &Value::Null,
                (None, _) => return Err(Misfit::new(format!("the field {name} is missing"))),
            };
            self.value(format, value, depth).map_err(|why| why.within(name))?;
        }
        Ok(())
    }

    fn variant(&mut self, variants: &[Variant], value: &Value, depth: usize) -> Result<(), Misfit> {
        let (name, content) = case(value)?;
        let index = variants.iter().position(|variant| variant.name == *name).ok_or_else(|| {
            Misfit::new(format!("there is no {name}; expected one of {}", names(variants, |it| &it.name)))
        })?;
        self.length(index)?;
        match (&variants[index].content, content) {
            (Content::Nothing, None | Some(Value::Null)) => Ok(()),
            (Content::Nothing, Some(other)) => Err(Misfit::expected("nothing", other)),
            (Content::One(format), content) => self.value(format, content.unwrap_or(&Value::Null), depth),
            (Content::Struct(fields), content) => self.fields(fields, content.unwrap_or(&Value::Null), depth),
        }
        .map_err(|why| why.within(name))
    }
}

/// A case of an enum: its name alone, or an object with the name before its content.
fn case(value: &Value) -> Result<(&String, Option<&Value>), Misfit> {
    if let Value::String(name) = value {
        return Ok((name, None));
    }
    let only = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    let (name, content) = only.ok_or_else(|| Misfit::expected("a name, or an object with one name", value))?;
    Ok((name, Some(content)))
}

fn object(value: &Value) -> Result<&Map<String, Value>, Misfit> {
    value.as_object().ok_or_else(|| Misfit::expected("an object", value))
}

fn text(value: &Value) -> Result<&str, Misfit> {
    value.as_str().ok_or_else(|| Misfit::expected("a text", value))
}

fn bytes(value: &Value) -> Result<Vec<u8>, Misfit> {
    let digits = text(value)?;
    let opaque: Result<encoding::Opaque, _> = serde_json::from_value(Value::String(digits.to_string()));
    opaque.map(|bytes| bytes.0).map_err(|_| Misfit::expected("bytes in hex", value))
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, Misfit> {
    text.parse().map_err(|why: T::Err| Misfit::new(why.to_string()))
}

/// A number, or a text of its digits.
fn number<T: FromStr>(value: &Value) -> Result<T, Misfit> {
    let digits = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    digits.parse().map_err(|_| Misfit::expected("a whole number that fits", value))
}

/// Widths come from a stranger's description.
fn width_of(width: u8) -> Result<usize, Misfit> {
    match width {
        1 | 2 | 4 | 8 | 16 => Ok(width.into()),
        _ => Err(Misfit::new(format!("no number has {width} bytes"))),
    }
}

fn split(bytes: [u8; 16], width: usize) -> (Vec<u8>, Vec<u8>) {
    (bytes[..width].to_vec(), bytes[width..].to_vec())
}

fn names<T>(items: &[T], name: impl Fn(&T) -> &String) -> String {
    items.iter().map(|item| name(item).as_str()).collect::<Vec<_>>().join(", ")
}
