//! What a GraphQL service says about itself when it is asked by introspection, as far as tools need it.

use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, fmt};

/// A service that says more about itself is no help to an agent.
const INTROSPECTION_BYTES_MAX: usize = 256 << 10;

/// What is asked. Seven wrappers, such as `[[Int!]!]!`, are more than anybody writes.
const INTROSPECTION: &str = "
    query {
        __schema {
            queryType { name }
            mutationType { name }
            types {
                kind name description
                fields { name description args { ...Argument } type { ...Type } }
                inputFields { ...Argument }
                enumValues { name description }
                possibleTypes { name }
            }
        }
    }
    fragment Argument on __InputValue { name description defaultValue type { ...Type } }
    fragment Type on __Type {
        kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name } } } } } } }
    }";

/// The types of a service, and where queries and mutations begin.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    query: String,
    mutation: Option<String>,
    types: BTreeMap<String, Type>,
}

/// A type with a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) fields: Option<Vec<Field>>,
    pub(crate) input_fields: Option<Vec<Argument>>,
    pub(crate) enum_values: Option<Vec<EnumValue>>,
    pub(crate) possible_types: Option<Vec<Named>>,
}

/// What a type is, or what it wraps another one in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    InputObject,
    List,
    NonNull,
}

/// A field of an object.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) args: Vec<Argument>,
    #[serde(rename = "type")]
    pub(crate) of: TypeRef,
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) default_value: Option<String>,
    #[serde(rename = "type")]
    pub(crate) of: TypeRef,
}

/// A value of an enum.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EnumValue {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

/// Something of which only the name is told.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
}

/// A type where it is used.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Wrapped")]
pub(crate) enum TypeRef {
    Named(String),
    List(Box<TypeRef>),
    NonNull(Box<TypeRef>),
}

/// A type where it is used, as introspection tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    kind: Kind,
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "__schema")]
    schema: Schema,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    query_type: Named,
    mutation_type: Option<Named>,
    types: Vec<Type>,
}

/// The request that asks a service what it is.
pub(crate) fn introspection() -> Vec<u8> {
    json!({ "query": INTROSPECTION }).to_string().into_bytes()
}

impl Graph {
    /// Reads what a service answers to the introspection; nothing where that is no GraphQL, or too much of it.
    pub(crate) fn read(answer: &[u8]) -> Option<Graph> {
        if answer.len() > INTROSPECTION_BYTES_MAX {
            return None;
        }
        let Answer { data: Data { schema } } = serde_json::from_slice(answer).ok()?;
        let types = schema.types.into_iter().map(|of| (of.name.clone(), of)).collect();
        Some(Graph { query: schema.query_type.name, mutation: schema.mutation_type.map(|of| of.name), types })
    }

    /// What can be asked.
    pub(crate) fn queries(&self) -> &[Field] {
        self.fields(&self.query)
    }

    /// What can be done.
    pub(crate) fn mutations(&self) -> &[Field] {
        self.mutation.as_ref().map_or(&[], |name| self.fields(name))
    }

    /// The fields of an object.
    pub(crate) fn fields(&self, name: &str) -> &[Field] {
        self.types.get(name).and_then(|of| of.fields.as_deref()).unwrap_or_default()
    }

    /// The type of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// All types, in the order of their names.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Type> {
        self.types.values()
    }

    /// The names of the types where queries and mutations begin.
    pub(crate) fn roots(&self) -> (&str, Option<&str>) {
        (&self.query, self.mutation.as_deref())
    }
}

impl Argument {
    /// Whether nothing may stand for it.
    pub(crate) fn is_required(&self) -> bool {
        matches!(self.of, TypeRef::NonNull(_)) && self.default_value.is_none()
    }
}

impl TypeRef {
    /// The type inside lists and marks.
    pub(crate) fn name(&self) -> &str {
        match self {
            TypeRef::Named(name) => name,
            TypeRef::List(of) | TypeRef::NonNull(of) => of.name(),
        }
    }
}

impl TryFrom<Wrapped> for TypeRef {
    type Error = &'static str;

    fn try_from(Wrapped { kind, name, of_type }: Wrapped) -> Result<TypeRef, &'static str> {
        match (kind, name, of_type) {
            (Kind::List, _, Some(of)) => Ok(TypeRef::List(of)),
            (Kind::NonNull, _, Some(of)) => Ok(TypeRef::NonNull(of)),
            (Kind::List | Kind::NonNull, ..) => Err("types are wrapped more often than is asked for"),
            (_, Some(name), _) => Ok(TypeRef::Named(name)),
            (_, None, _) => Err("a type has no name"),
        }
    }
}

/// As GraphQL writes it.
impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeRef::Named(name) => f.write_str(name),
            TypeRef::List(of) => write!(f, "[{of}]"),
            TypeRef::NonNull(of) => write!(f, "{of}!"),
        }
    }
}

#[cfg(test)]
pub(crate) mod test {
    use super::*;
    use serde_json::Value;

    /// A service with these types, whose queries begin at `Query` and whose mutations at `Mutation`.
    pub(crate) fn graph(types: Value) -> Graph {
        let schema =
            json!({ "queryType": { "name": "Query" }, "mutationType": { "name": "Mutation" }, "types": types });
        Graph::read(json!({ "data": { "__schema": schema } }).to_string().as_bytes()).expect("this is an introspection")
    }

    #[test]
    fn what_is_no_introspection_is_no_graph() {
        for answer in ["", "7", r#"{"data":null,"errors":[{"message":"no"}]}"#, r#"{"data":{"__schema":{}}}"#] {
            assert!(Graph::read(answer.as_bytes()).is_none(), "{answer}");
        }
        let short = r#"{"data":{"__schema":{"queryType":{"name":"Q"},"types":[]}}}"#;
        let long = format!("{short}{}", " ".repeat(INTROSPECTION_BYTES_MAX));
        assert!(Graph::read(long.as_bytes()).is_none());
        assert!(Graph::read(short.as_bytes()).is_some());
    }

    #[test]
    fn a_type_that_is_wrapped_without_end_is_refused() {
        let field = json!({ "name": "x", "args": [], "type": { "kind": "LIST", "name": null, "ofType": null } });
        let types = json!([{ "kind": "OBJECT", "name": "Query", "fields": [field] }]);
        let schema = json!({ "queryType": { "name": "Query" }, "types": types });
        assert!(Graph::read(json!({ "data": { "__schema": schema } }).to_string().as_bytes()).is_none());
    }
}
