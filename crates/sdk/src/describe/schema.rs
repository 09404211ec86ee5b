//! The JSON schema of a description: what a program may send, in the vocabulary of json-schema.org, 2020-12.

use super::{Content, Description, Field, Format, Noun, Shape, Variant};
use serde_json::{Map, Value, json};

/// The schemas of everything that the application says and hears, by role, with the types with names under `$defs`.
pub fn of(description: &Description) -> Value {
    let types: Map<String, Value> =
        description.types.iter().map(|(name, shape)| (name.clone(), of_shape(shape))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "operation": of_format(&description.operation),
            "response": of_format(&description.response),
            "message": of_format(&description.message),
            "event": of_format(&description.event),
            "parameters": of_format(&description.parameters),
            "argument": of_format(&description.argument),
        },
        "$defs": types,
    })
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Struct(fields) => of_fields(fields),
        Shape::Wrapper(inner) => of_format(inner),
        Shape::Enum(variants) => json!({ "oneOf": variants.iter().map(of_variant).collect::<Value>() }),
    }
}

fn of_fields(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), of_format(&field.format))).collect();
    let required = fields.iter().filter(|field| !matches!(field.format, Format::Option(_)));
    let required: Value = required.map(|field| field.name.as_str()).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of_variant(Variant { name, content }: &Variant) -> Value {
    let content = match content {
        Content::Nothing => return json!({ "const": name }),
        Content::One(format) => of_format(format),
        Content::Struct(fields) => of_fields(fields),
    };
    json!({
        "type": "object", "properties": { name: content }, "required": [name], "additionalProperties": false,
    })
}

fn of_format(format: &Format) -> Value {
    match format {
        Format::Unit => json!({ "type": "null" }),
        Format::Bool => json!({ "type": "boolean" }),
        Format::Unsigned(_) => json!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$" }),
        Format::Signed(_) => json!({ "type": ["integer", "string"], "pattern": "^-?[0-9]+$" }),
        Format::Text => json!({ "type": "string" }),
        Format::Bytes => json!({ "type": "string", "pattern": "^(0x)?([0-9a-fA-F]{2})*$" }),
        Format::Fixed(length) => {
            json!({ "type": "string", "pattern": format!("^(0x)?[0-9a-fA-F]{{{}}}$", length * 2) })
        }
        Format::Noun(noun) => json!({ "type": "string", "description": words(*noun) }),
        Format::Option(inner) => json!({ "anyOf": [of_format(inner), { "type": "null" }] }),
        Format::List(inner) => json!({ "type": "array", "items": of_format(inner) }),
        Format::Tuple(parts) => json!({
            "type": "array", "prefixItems": parts.iter().map(of_format).collect::<Value>(),
            "minItems": parts.len(), "maxItems": parts.len(),
        }),
        Format::Map(_, inner) => json!({ "type": "object", "additionalProperties": of_format(inner) }),
        Format::Type(name) => json!({ "$ref": format!("#/$defs/{name}") }),
    }
}

fn words(noun: Noun) -> &'static str {
    match noun {
        Noun::Amount => "an amount of tokens, such as 1.5",
        Noun::Owner => "an owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>",
        Noun::Holder => "'chain' or an owner",
        Noun::Account => "a chain's id, optionally followed by / and an owner",
    }
}
