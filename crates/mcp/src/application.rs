//! The tools of an application: one for each query and each mutation, and one for whatever else its GraphQL can express. An
//! application that speaks another kind of JSON is asked in that, and its contract called by the types that it declares.

use crate::{
    Object,
    document::{self, Act},
    graphql::{Field, Graph},
    interface::Interface,
    json_schema::{of_arguments, of_properties},
    names::Names,
    sdl,
    tool::{Does, Effect, Tool, bounded},
    wallet::{CHAIN, chain_schema},
};
use myceline_sdk::describe::{Format, schema};
use serde_json::{Value, json};

/// Fields of one application that have a tool each. The others are asked for in GraphQL.
const FIELDS_MAX: usize = 64;
/// Agents read the schemas of all tools, all the time: a field whose arguments take more is asked for in GraphQL.
const INPUT_BYTES_MAX: usize = 16 << 10;
/// A schema that is not longer is told with the tool that takes GraphQL; many clients show agents no resources.
const SCHEMA_CHARS_MAX: usize = 4_000;

/// The tools of an application. `is_read_only` leaves out those that make blocks.
pub(crate) fn tools(interface: &Interface, names: &mut Names, is_read_only: bool) -> Vec<Tool> {
    let maker = Maker { interface, is_read_only };
    match &interface.graph {
        Some(graph) => maker.of_graph(graph, names),
        None => maker.of_types(names),
    }
}

struct Maker<'a> {
    interface: &'a Interface,
    is_read_only: bool,
}

impl Maker<'_> {
    fn of_graph(&self, graph: &Graph, names: &mut Names) -> Vec<Tool> {
        let queries = graph.queries().iter().map(|field| (Act::Query, field));
        let mutations = graph.mutations().iter().map(|field| (Act::Mutation, field));
        let wanted = queries.chain(mutations.filter(|_| !self.is_read_only));
        let fields = wanted.take(FIELDS_MAX).filter_map(|(act, field)| self.of_field(graph, act, field, names));
        let mut tools: Vec<Tool> = fields.collect();
        if graph.mutations().is_empty() && !self.is_read_only {
            tools.extend(self.of_operations(names));
        }
        tools.push(self.of_graphql(graph, names));
        tools
    }

    fn of_types(&self, names: &mut Names) -> Vec<Tool> {
        let operations = if self.is_read_only { None } else { self.of_operations(names) };
        std::iter::once(self.of_query(names)).chain(operations).collect()
    }

    fn of_field(&self, graph: &Graph, act: Act, field: &Field, names: &mut Names) -> Option<Tool> {
        let Interface { name, id, .. } = self.interface;
        let (input, chain) = with_chain(of_arguments(graph, &field.args));
        if Value::from(input.clone()).to_string().len() > INPUT_BYTES_MAX {
            return None;
        }
        let says = field.description.as_deref().unwrap_or_default().trim();
        // An operation may be called as a query is, and then an agent has to tell them apart.
        let is_taken = act == Act::Mutation && graph.queries().iter().any(|query| query.name == field.name);
        let kind = if is_taken { "mutation_" } else { "" };
        let wanted = format!("{name}_{kind}{}", field.name);
        let (effect, does) = match act {
            Act::Query => (Effect::Reads, format!("Asks {name} about a chain, and answers {}.", field.of)),
            Act::Mutation => (
                Effect::Changes,
                format!("Makes a block of a chain of this wallet, and answers what {name} returned when it is final."),
            ),
        };
        Some(Tool {
            name: names.give(&wanted),
            title: format!("{name}: {}", field.name),
            description: bounded(format!("{says}\n\n{does}").trim().to_owned()),
            input,
            chain: Some(chain),
            effect,
            does: Does::Field {
                application: *id,
                document: document::of(graph, act, field),
                field: field.name.clone(),
            },
        })
    }

    fn of_graphql(&self, graph: &Graph, names: &mut Names) -> Tool {
        let Interface { name, id, .. } = self.interface;
        let schema = sdl::of(graph);
        let schema = match schema.chars().count() {
            0..=SCHEMA_CHARS_MAX => format!("Its schema:\n\n{schema}"),
            _ => format!(
                "Its schema is the resource myceline://applications/{id}/schema.graphql; introspection works too."
            ),
        };
        let what = if self.is_read_only { "Mutations are refused." } else { "A mutation makes a block." };
        self.asking(
            names.give(&format!("{name}_graphql")),
            format!("{name}: GraphQL"),
            format!("Asks {name} about a chain in GraphQL, for what its other tools do not ask. {what} {schema}"),
            of_properties([
                ("query", true, json!({ "type": "string", "description": "A document of GraphQL" })),
                ("variables", false, json!({ "type": "object", "description": "Its variables" })),
                ("operationName", false, json!({ "type": "string", "description": "Which of its operations" })),
            ]),
            Does::Graphql { application: *id },
        )
    }

    fn of_query(&self, names: &mut Names) -> Tool {
        let Interface { name, id, .. } = self.interface;
        let what =
            if self.is_read_only { "What would make a block is refused." } else { "What it schedules makes a block." };
        self.asking(
            names.give(&format!("{name}_query")),
            format!("{name}: query"),
            format!("Asks {name} about a chain, in JSON of the form that it understands. {what}"),
            of_properties([(
                "query",
                true,
                json!({ "description": "JSON of the form that the application understands" }),
            )]),
            Does::Query { application: *id },
        )
    }

    fn asking(&self, name: String, title: String, description: String, input: Object, does: Does) -> Tool {
        let (input, chain) = with_chain(input);
        let effect = if self.is_read_only { Effect::Reads } else { Effect::Changes };
        Tool { name, title, description: bounded(description), input, chain: Some(chain), effect, does }
    }

    /// The tool for the operations of the contract, where it has any and says what they are.
    fn of_operations(&self, names: &mut Names) -> Option<Tool> {
        let Interface { name, id, types, .. } = self.interface;
        let types = types.as_ref().filter(|types| types.operation != Format::Unit)?;
        let mut all = schema::of(types);
        let mut input = of_properties([("operation", true, all["properties"]["operation"].take())]);
        input.insert("$defs".into(), all["$defs"].take());
        if Value::from(input.clone()).to_string().len() > INPUT_BYTES_MAX {
            let operation = json!({ "description": "JSON of the type that the application declares" });
            input = of_properties([("operation", true, operation)]);
        }
        let (input, chain) = with_chain(input);
        Some(Tool {
            name: names.give(&format!("{name}_call")),
            title: format!("{name}: call"),
            description: bounded(format!(
                "Has {name} carry out an operation, in a block of a chain of this wallet, and answers what it returned. \
                 The types are the resource myceline://applications/{id}/types.json."
            )),
            input,
            chain: Some(chain),
            effect: Effect::Changes,
            does: Does::Operation { application: *id },
        })
    }
}

/// Adds the argument that names the chain, under a name that the others leave free.
fn with_chain(mut input: Object) -> (Object, String) {
    let mut name = CHAIN.to_owned();
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        while properties.contains_key(&name) {
            name.insert_str(0, "on_");
        }
        properties.insert(name.clone(), chain_schema());
    }
    (input, name)
}
