//! The GraphQL that a tool sends: one field, all its arguments as variables, and of what it answers everything that needs
//! no further arguments, down to some depth.

use crate::graphql::{Argument, Field, Graph, Kind};

/// Objects inside objects that are asked for.
const DEPTH_MAX: usize = 3;
/// Fields that are asked for in all: an agent that wants others asks for them itself.
const FIELDS_MAX: usize = 100;

/// What is to be done with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    Query,
    Mutation,
}

/// The document that asks for a field.
pub(crate) fn of(graph: &Graph, act: Act, field: &Field) -> String {
    let act = match act {
        Act::Query => "query",
        Act::Mutation => "mutation",
    };
    let variables = list(&field.args, |argument| format!("${}: {}", argument.name, argument.of));
    let arguments = list(&field.args, |argument| format!("{0}: ${0}", argument.name));
    let mut selector = Selector { graph, left: FIELDS_MAX, path: Vec::new() };
    format!("{act}{variables} {{ {}{arguments}{} }}", field.name, selector.of(field.of.name()))
}

fn list(arguments: &[Argument], write: impl Fn(&Argument) -> String) -> String {
    if arguments.is_empty() {
        return String::new();
    }
    format!("({})", arguments.iter().map(write).collect::<Vec<_>>().join(", "))
}

struct Selector<'a> {
    graph: &'a Graph,
    /// How many more fields may be asked for.
    left: usize,
    /// The objects around the one that is being written: what contains itself is not followed.
    path: Vec<&'a str>,
}

impl<'a> Selector<'a> {
    /// What to select of a type, with a space before it; nothing of a plain value.
    fn of(&mut self, name: &'a str) -> String {
        match self.graph.get(name).map(|of| of.kind) {
            Some(Kind::Object) => {
                self.path.push(name);
                let fields = self.fields(name);
                self.path.pop();
                format!(" {{ {fields} }}")
            }
            Some(Kind::Interface | Kind::Union) => " { __typename }".into(),
            _ => String::new(),
        }
    }

    fn fields(&mut self, name: &str) -> String {
        let mut selected = Vec::new();
        for field in self.graph.fields(name) {
            if self.left == 0 {
                break;
            }
            if self.is_wanted(field) {
                self.left -= 1;
                selected.push(format!("{}{}", field.name, self.of(field.of.name())));
            }
        }
        if selected.is_empty() { "__typename".into() } else { selected.join(" ") }
    }

    fn is_wanted(&self, field: &Field) -> bool {
        let name = field.of.name();
        let is_plain = self.graph.get(name).is_none_or(|of| matches!(of.kind, Kind::Scalar | Kind::Enum));
        let can_follow = self.path.len() < DEPTH_MAX && !self.path.contains(&name);
        (is_plain || can_follow) && !field.args.iter().any(Argument::is_required)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::test::graph;
    use expect_test::expect;
    use serde_json::{Value, json};

    fn object(name: &str, fields: &[(&str, &str)]) -> Value {
        let kind = |of: &str| if of == "Int" { "SCALAR" } else { "OBJECT" };
        let field =
            |(name, of): &(&str, &str)| json!({ "name": name, "args": [], "type": { "kind": kind(of), "name": of } });
        json!({ "kind": "OBJECT", "name": name, "fields": fields.iter().map(field).collect::<Value>() })
    }

    #[test]
    fn what_contains_itself_is_followed_once_and_not_too_deep() {
        let graph = graph(json!([
            object("Query", &[("person", "Person"), ("one", "One")]),
            object("Person", &[("age", "Int"), ("friend", "Person")]),
            object("One", &[("a", "Int"), ("two", "Two")]),
            object("Two", &[("b", "Int"), ("three", "Three")]),
            object("Three", &[("four", "Four")]),
            object("Four", &[("d", "Int")]),
            { "kind": "SCALAR", "name": "Int" },
        ]));
        let written: Vec<String> = graph.queries().iter().map(|field| of(&graph, Act::Query, field)).collect();
        expect![[r#"
            query { person { age } }
            query { one { a two { b three { __typename } } } }"#]]
        .assert_eq(&written.join("\n"));
    }

    #[test]
    fn a_wide_object_is_asked_for_in_part() {
        let wide: Vec<String> = (0..FIELDS_MAX + 5).map(|index| format!("f{index}")).collect();
        let fields: Vec<(&str, &str)> = wide.iter().map(|name| (name.as_str(), "Int")).collect();
        let graph = graph(
            json!([object("Query", &[("wide", "Wide")]), object("Wide", &fields), { "kind": "SCALAR", "name": "Int" }]),
        );
        let document = of(&graph, Act::Query, &graph.queries()[0]);
        assert!(document.contains("f99 ") && !document.contains("f100"), "{document}");
    }
}
