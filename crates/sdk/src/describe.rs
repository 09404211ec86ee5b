//! What the types of an application look like, so that tools can turn JSON into canonical bytes and back, exactly.
//!
//! A type says so by deriving [`Describe`]; ids, owners and amounts of the protocol do already. From the same description
//! come the [JSON schema](schema) and the [conversion](convert), so the two cannot disagree.

pub mod convert;
mod nouns;
pub mod schema;

use crate::ContractAbi;
use serde::{Deserialize, Serialize};
use std::{any::type_name, collections::BTreeMap};

/// A type whose shape is known.
pub trait Describe {
    /// The shape. A type with a name adds itself to `types` and answers [`Format::Type`].
    fn format(types: &mut Types) -> Format;
}

/// The shape of a value, in canonical bytes and in JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Nothing; `null` in JSON.
    Unit,
    /// True or false.
    Bool,
    /// An unsigned number of so many bytes. In JSON a number, or a text of digits where it may be above 2^53.
    Unsigned(u8),
    /// A signed number of so many bytes, likewise.
    Signed(u8),
    /// A text.
    Text,
    /// Bytes of any number; hex in JSON.
    Bytes,
    /// So many bytes; hex in JSON.
    Fixed(usize),
    /// A noun of the protocol, in JSON as a text of its own.
    Noun(Noun),
    /// Nothing, `null` in JSON, or something.
    Option(Box<Format>),
    /// Any number of the same.
    List(Box<Format>),
    /// Different things, always as many; a list in JSON.
    Tuple(Vec<Format>),
    /// Keys and values; an object in JSON, so keys are texts or numbers there.
    Map(Box<Format>, Box<Format>),
    /// A type with a name.
    Type(String),
}

/// What the protocol itself has a text for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// An amount of tokens: "1.5".
    Amount,
    /// Somebody who acts: "ed25519:…", "0x…".
    Owner,
    /// The chain's own account, "chain", or an owner's.
    Holder,
    /// An account of a chain.
    Account,
}

/// A type with a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A struct with names.
    Struct(Vec<Field>),
    /// A type around one other; in JSON and in bytes that other one.
    Wrapper(Format),
    /// An enum.
    Enum(Vec<Variant>),
}

/// Something with a name in a struct.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Field {
    /// What it is called.
    pub name: String,
    /// What it looks like.
    pub format: Format,
}

/// A case of an enum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What a case of an enum holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Nothing; in JSON just its name.
    Nothing,
    /// One value.
    One(Format),
    /// Fields with names.
    Struct(Vec<Field>),
}

/// The types with names that others refer to.
#[derive(Default, Debug)]
pub struct Types {
    shapes: BTreeMap<String, Shape>,
    names: BTreeMap<&'static str, String>,
}

impl Types {
    /// Refers to a type by its name, and describes it where that was not done yet. Two types of one name are told apart by a
    /// number.
    pub fn named<T>(&mut self, name: &str, shape: impl FnOnce(&mut Types) -> Shape) -> Format {
        if let Some(name) = self.names.get(type_name::<T>()) {
            return Format::Type(name.clone());
        }
        let same = self.names.values().filter(|other| other.trim_end_matches(|c: char| c.is_ascii_digit()) == name);
        let name = match same.count() {
            0 => name.to_string(),
            before => format!("{name}{}", before + 1),
        };
        self.names.insert(type_name::<T>(), name.clone());
        let shape = shape(self);
        self.shapes.insert(name.clone(), shape);
        Format::Type(name)
    }
}

/// What an application says and hears.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Description {
    /// What a contract is asked to do.
    pub operation: Format,
    /// What it answers.
    pub response: Format,
    /// What instances on different chains say to each other.
    pub message: Format,
    /// What event streams say.
    pub event: Format,
    /// What is fixed when the application is created.
    pub parameters: Format,
    /// What it starts from.
    pub argument: Format,
    /// The types with names.
    pub types: BTreeMap<String, Shape>,
}

/// Collects a [`Description`].
#[derive(Debug)]
pub struct Describing {
    description: Description,
    types: Types,
}

impl Description {
    /// The description of an interface with its parameters; the rest is `()` until it is named.
    #[doc(hidden)]
    pub fn of<A, P>() -> Describing
    where
        A: ContractAbi<Operation: Describe, Response: Describe>,
        P: Describe,
    {
        let mut types = Types::default();
        let description = Description {
            operation: A::Operation::format(&mut types),
            response: A::Response::format(&mut types),
            message: Format::Unit,
            event: Format::Unit,
            parameters: P::format(&mut types),
            argument: Format::Unit,
            types: BTreeMap::new(),
        };
        Describing { description, types }
    }
}

#[doc(hidden)]
impl Describing {
    pub fn message<T: Describe>(&mut self) {
        self.description.message = T::format(&mut self.types);
    }

    pub fn event<T: Describe>(&mut self) {
        self.description.event = T::format(&mut self.types);
    }

    pub fn argument<T: Describe>(&mut self) {
        self.description.argument = T::format(&mut self.types);
    }

    pub fn finish(self) -> Description {
        Description { types: self.types.shapes, ..self.description }
    }
}
