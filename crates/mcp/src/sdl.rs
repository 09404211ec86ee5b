//! The types of a service in GraphQL's own language, which is what people and models read best.

use crate::graphql::{Argument, Field, Graph, Kind, Type};
use std::fmt::Write as _;

/// What every service has, and nobody needs to be told.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The schema of a service: queries and mutations first, then the types that they use.
pub(crate) fn of(graph: &Graph) -> String {
    let (query, mutation) = graph.roots();
    let is_root = |of: &&Type| of.name == query || Some(of.name.as_str()) == mutation;
    let is_own = |of: &&Type| !of.name.starts_with("__") && !BUILT_IN.contains(&of.name.as_str());
    let roots = [Some(query), mutation].into_iter().flatten().filter_map(|name| graph.get(name));
    let others = graph.types().filter(is_own).filter(|of| !is_root(of));
    roots.chain(others).map(of_type).collect::<Vec<_>>().join("\n")
}

fn of_type(of: &Type) -> String {
    let mut text = described("", of.description.as_deref());
    let head = match of.kind {
        Kind::Object => "type",
        Kind::Interface => "interface",
        Kind::Union => "union",
        Kind::Enum => "enum",
        Kind::InputObject => "input",
        Kind::Scalar | Kind::List | Kind::NonNull => "scalar",
    };
    // Writing to a text cannot fail.
    let _ = write!(text, "{head} {}", of.name);
    match of.kind {
        Kind::Object | Kind::Interface => block(&mut text, of.fields.iter().flatten().map(of_field)),
        Kind::InputObject => block(&mut text, of.input_fields.iter().flatten().map(of_input)),
        Kind::Enum => block(
            &mut text,
            of.enum_values.iter().flatten().map(|value| (value.description.as_deref(), value.name.clone())),
        ),
        Kind::Union => {
            let names: Vec<&str> = of.possible_types.iter().flatten().map(|of| of.name.as_str()).collect();
            let _ = writeln!(text, " = {}", names.join(" | "));
        }
        Kind::Scalar | Kind::List | Kind::NonNull => text.push('\n'),
    }
    text
}

fn block<'a>(text: &mut String, lines: impl Iterator<Item = (Option<&'a str>, String)>) {
    text.push_str(" {\n");
    for (description, line) in lines {
        text.push_str(&described("  ", description));
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("}\n");
}

fn of_field(field: &Field) -> (Option<&str>, String) {
    (field.description.as_deref(), signature(field))
}

fn of_input(argument: &Argument) -> (Option<&str>, String) {
    (argument.description.as_deref(), of_argument(argument))
}

/// A field with its arguments and its type, on one line.
pub(crate) fn signature(field: &Field) -> String {
    let arguments: Vec<String> = field.args.iter().map(of_argument).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    format!("{}{arguments}: {}", field.name, field.of)
}

fn of_argument(argument: &Argument) -> String {
    let default = argument.default_value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
    format!("{}: {}{default}", argument.name, argument.of)
}

/// A description on lines of its own. One that would end itself early is written so that it does not.
fn described(indent: &str, description: Option<&str>) -> String {
    let Some(text) = description.map(str::trim).filter(|text| !text.is_empty()) else { return String::new() };
    let text = text.replace("\"\"\"", "\\\"\"\"").replace('\n', &format!("\n{indent}"));
    format!("{indent}\"\"\"{text}\"\"\"\n")
}
