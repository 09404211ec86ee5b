//! What agents can read without asking an application: what it understands.

use crate::{interface::Interface, sdl};
use myceline_sdk::describe::schema;

/// A text with an address.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) uri: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// What an application understands, in the forms that there are.
pub(crate) fn of(interface: &Interface) -> Vec<Resource> {
    let Interface { name, id, graph, types } = interface;
    let graph = graph.as_ref().map(|graph| Resource {
        uri: format!("myceline://applications/{id}/schema.graphql"),
        name: format!("{name}.graphql"),
        description: format!("The GraphQL schema of {name}."),
        kind: "application/graphql",
        text: sdl::of(graph),
    });
    let types = types.as_ref().map(|types| Resource {
        uri: format!("myceline://applications/{id}/types.json"),
        name: format!("{name}.json"),
        description: format!("The types of {name} as a JSON schema: operations, responses, messages, events."),
        kind: "application/schema+json",
        text: format!("{:#}", schema::of(types)),
    });
    graph.into_iter().chain(types).collect()
}
