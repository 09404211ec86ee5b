//! What an application says about itself: its GraphQL, and the types of its contract.

use crate::{
    graphql::{Graph, introspection},
    perform::read_once,
};
use myceline_sdk::describe::Description;
use myceline_service::{Failure, Node, describe::Describer};
use myceline_types::{ApplicationId, ChainId};

/// An application, and how it can be talked to.
#[derive(Clone, Debug)]
pub struct Interface {
    /// What the wallet calls it: its tools begin with this.
    pub(crate) name: String,
    pub(crate) id: ApplicationId,
    /// Its GraphQL, where it speaks that.
    pub(crate) graph: Option<Graph>,
    /// The types of its contract, where it describes them.
    pub(crate) types: Option<Description>,
}

impl Interface {
    /// Asks an application, as it is on a chain. One that says nothing about itself at all cannot be offered.
    pub async fn discover(
        node: &Node,
        describer: &Describer,
        chain: ChainId,
        (name, id): (String, ApplicationId),
    ) -> Result<Interface, Failure> {
        read_once(node, chain).await?;
        let answer = node.query(chain, id, introspection()).await;
        let types = describer.application(id).await;
        match (answer, types) {
            (Err(failure), Err(_)) => Err(failure),
            // A service that speaks another kind of JSON says so by giving up.
            (answer, types) => {
                let graph = answer.ok().and_then(|answer| Graph::read(&answer.answer.0));
                Ok(Interface { name, id, graph, types: types.ok() })
            }
        }
    }
}
