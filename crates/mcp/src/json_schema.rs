//! Arguments in GraphQL as a JSON schema, in the vocabulary of json-schema.org, 2020-12.

use crate::{
    Object,
    graphql::{Argument, Graph, Kind, Type, TypeRef},
};
use serde_json::{Value, json};

/// The schema of an object with these arguments.
pub(crate) fn of_arguments(graph: &Graph, arguments: &[Argument]) -> Object {
    let mut writer = Writer { graph, definitions: Object::new() };
    let mut schema = writer.of_fields(arguments);
    if !writer.definitions.is_empty() {
        schema.insert("$defs".into(), writer.definitions.into());
    }
    schema
}

/// The schema of an object with these properties, of which all with `true` are required.
pub(crate) fn of_properties<'a>(properties: impl IntoIterator<Item = (&'a str, bool, Value)>) -> Object {
    let mut required = Vec::new();
    let mut fields = Object::new();
    for (name, is_required, schema) in properties {
        if is_required {
            required.push(name);
        }
        fields.insert(name.into(), schema);
    }
    let mut schema = Object::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), fields.into());
    schema.insert("required".into(), required.into());
    schema.insert("additionalProperties".into(), false.into());
    schema
}

struct Writer<'a> {
    graph: &'a Graph,
    definitions: Object,
}

impl Writer<'_> {
    fn of_fields(&mut self, arguments: &[Argument]) -> Object {
        let properties: Vec<_> = arguments
            .iter()
            .map(|argument| (argument.name.as_str(), argument.is_required(), self.of_argument(argument)))
            .collect();
        of_properties(properties)
    }

    fn of_argument(&mut self, argument: &Argument) -> Value {
        let mut schema = self.of(&argument.of);
        if let Some(description) = &argument.description {
            // What the argument is for, and then how a value of its type is written.
            let of_type = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            let both = format!("{}\n{of_type}", description.trim());
            schema.insert("description".into(), both.trim().into());
        }
        // Literals of GraphQL that are no JSON, such as names of enums, are told by the schema itself.
        let default = argument.default_value.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(default) = default.filter(|default| !default.is_null()) {
            schema.insert("default".into(), default);
        }
        schema.into()
    }

    fn of(&mut self, of: &TypeRef) -> Object {
        match of {
            TypeRef::NonNull(of) => self.of(of),
            TypeRef::List(of) => object(json!({ "type": "array", "items": self.of(of) })),
            TypeRef::Named(name) => self.of_named(name),
        }
    }

    fn of_named(&mut self, name: &str) -> Object {
        let Some(of) = self.graph.get(name) else { return Object::new() };
        match of.kind {
            Kind::Enum => of_enum(of),
            Kind::InputObject => self.of_input(of),
            _ => of_scalar(of),
        }
    }

    /// An input object is defined once and referred to, since it may contain itself.
    fn of_input(&mut self, of: &Type) -> Object {
        if !self.definitions.contains_key(&of.name) {
            self.definitions.insert(of.name.clone(), Value::Null);
            let mut schema = self.of_fields(of.input_fields.as_deref().unwrap_or_default());
            describe(&mut schema, of);
            self.definitions.insert(of.name.clone(), schema.into());
        }
        object(json!({ "$ref": format!("#/$defs/{}", of.name) }))
    }
}

fn of_enum(of: &Type) -> Object {
    let values = of.enum_values.as_deref().unwrap_or_default();
    let mut schema = object(json!({
        "type": "string",
        "enum": values.iter().map(|value| value.name.as_str()).collect::<Value>(),
    }));
    describe(&mut schema, of);
    schema
}

/// Scalars of GraphQL, and those that are nouns of the protocol. Any other may be anything.
fn of_scalar(of: &Type) -> Object {
    let kind = match of.name.as_str() {
        // Whole numbers of every size go by this name.
        "Int" => return object(json!({ "type": "integer" })),
        "Float" => return object(json!({ "type": "number" })),
        "Boolean" => return object(json!({ "type": "boolean" })),
        "String" | "ID" => return object(json!({ "type": "string" })),
        "Account" | "Amount" | "ApplicationId" | "BlockHash" | "Bytes" | "ChainId" | "Hash" | "Holder" | "Owner" => {
            Some("string")
        }
        "BlockHeight" | "Timestamp" => Some("integer"),
        _ => None,
    };
    let mut schema = Object::new();
    if let Some(kind) = kind {
        schema.insert("type".into(), kind.into());
    }
    describe(&mut schema, of);
    schema
}

fn describe(schema: &mut Object, of: &Type) {
    if let Some(description) = &of.description {
        schema.insert("description".into(), description.trim().into());
    }
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::test::graph;
    use expect_test::expect;

    #[test]
    fn an_input_object_that_contains_itself_is_defined_once() {
        let graph = graph(json!([
            { "kind": "OBJECT", "name": "Query", "fields": [{
                "name": "find", "type": { "kind": "SCALAR", "name": "Int" }, "args": [
                    { "name": "where", "type": { "kind": "NON_NULL", "ofType": { "kind": "INPUT_OBJECT", "name": "Where" } } },
                    { "name": "limit", "defaultValue": "10", "description": " How many ",
                      "type": { "kind": "NON_NULL", "ofType": { "kind": "SCALAR", "name": "Int" } } },
                    { "name": "order", "defaultValue": "UP", "type": { "kind": "ENUM", "name": "Order" } },
                ],
            }] },
            { "kind": "SCALAR", "name": "Int" },
            { "kind": "ENUM", "name": "Order", "enumValues": [{ "name": "UP" }, { "name": "DOWN" }] },
            { "kind": "INPUT_OBJECT", "name": "Where", "description": "Which", "inputFields": [
                { "name": "not", "type": { "kind": "INPUT_OBJECT", "name": "Where" } },
                { "name": "any", "type": { "kind": "LIST", "ofType": { "kind": "SCALAR", "name": "Json" } } },
            ] },
        ]));
        let schema = of_arguments(&graph, &graph.queries()[0].args);
        expect![[r##"{"$defs":{"Where":{"additionalProperties":false,"description":"Which","properties":{"any":{"items":{},"type":"array"},"not":{"$ref":"#/$defs/Where"}},"required":[],"type":"object"}},"additionalProperties":false,"properties":{"limit":{"default":10,"description":"How many","type":"integer"},"order":{"enum":["UP","DOWN"],"type":"string"},"where":{"$ref":"#/$defs/Where"}},"required":["where"],"type":"object"}"##]]
            .assert_eq(&Value::from(schema).to_string());
    }
}
