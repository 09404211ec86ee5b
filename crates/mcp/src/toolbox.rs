//! Everything that is offered: tools by their names, texts by their addresses, and a few words about the whole.

use crate::{
    application,
    interface::Interface,
    names::Names,
    resource::{self, Resource},
    tool::{Effect, Tool},
    wallet,
};
use myceline_types::ChainId;

/// Tools that are offered at once. More of them confuse agents, and several clients take no more.
const TOOLS_MAX: usize = 128;

/// What is offered, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The chain that is meant where none is named.
    pub chain: ChainId,
    /// Whether only tools are offered that make no blocks.
    pub is_read_only: bool,
    /// Whether agents may send the wallet's tokens.
    pub may_transfer: bool,
}

/// What is offered.
#[derive(Debug)]
pub(crate) struct Toolbox {
    tools: Vec<Tool>,
    resources: Vec<Resource>,
    instructions: String,
}

impl Toolbox {
    /// The tools for the wallet and these applications.
    pub(crate) fn new(settings: &Settings, interfaces: &[Interface]) -> Toolbox {
        let mut names = Names::default();
        let mut tools = wallet::tools(settings.may_transfer);
        tools.retain(|tool| !settings.is_read_only || tool.effect == Effect::Reads);
        for tool in &tools {
            names.give(&tool.name);
        }
        for interface in interfaces {
            let mut own = application::tools(interface, &mut names, settings.is_read_only);
            if tools.len() + own.len() > TOOLS_MAX {
                // The last one can express what all others of the application do.
                own.drain(..own.len() - 1);
            }
            tools.extend(own);
        }
        tools.truncate(TOOLS_MAX);
        let resources = interfaces.iter().flat_map(resource::of).collect();
        Toolbox { tools, resources, instructions: instructions(settings, interfaces) }
    }

    /// All tools.
    pub(crate) fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of this name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// All texts.
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The text at this address.
    pub(crate) fn resource(&self, uri: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.uri == uri)
    }

    /// What whoever uses the tools should know.
    pub(crate) fn instructions(&self) -> &str {
        &self.instructions
    }
}

fn instructions(settings: &Settings, interfaces: &[Interface]) -> String {
    let names: Vec<String> = interfaces.iter().map(|one| format!("{} ({})", one.name, one.id)).collect();
    let applications = if names.is_empty() { "none".into() } else { names.join(", ") };
    let what = if settings.is_read_only {
        "These tools only read: none of them makes a block."
    } else {
        "A tool that is not marked as reading makes a block of a chain of this wallet, which cannot be taken back and may \
         cost fees. It answers when the block is final."
    };
    format!(
        "A wallet on a network of microchains, and applications on its chains. Default chain: {}. Applications: {applications}. \
         {what} What tools tell is what this wallet has read: wallet_sync reads what is new. An error has a code, and says \
         what can be done; an application that gave up changed nothing.",
        settings.chain
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::test::graph;
    use myceline_types::{ApplicationId, Hash};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    /// An application with so many queries.
    fn interface(name: &str, queries: usize) -> Interface {
        let query =
            |index| json!({ "name": format!("q{index}"), "args": [], "type": { "kind": "SCALAR", "name": "Int" } });
        let fields: Value = (0..queries).map(query).collect();
        let types =
            json!([{ "kind": "OBJECT", "name": "Query", "fields": fields }, { "kind": "SCALAR", "name": "Int" }]);
        Interface { name: name.into(), id: ApplicationId(Hash::ZERO), graph: Some(graph(types)), types: None }
    }

    #[test]
    fn however_much_there_is_agents_get_no_more_than_they_can_take() {
        let interfaces: Vec<Interface> =
            (0..200).map(|_| interface("an application of a long name: ünïcødé", 90)).collect();
        let settings = Settings { chain: ChainId(Hash::ZERO), is_read_only: false, may_transfer: true };
        let toolbox = Toolbox::new(&settings, &interfaces);
        let names: BTreeSet<&str> = toolbox.tools().iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!((toolbox.tools().len(), names.len()), (TOOLS_MAX, TOOLS_MAX));
        let is_sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-');
        assert!(names.iter().all(|name| (1..=64).contains(&name.len()) && name.chars().all(is_sign)), "{names:?}");
        // One application has a tool for its queries, and all that still fit can be asked in GraphQL.
        assert_eq!(names.iter().filter(|name| name.contains("_q1")).count(), 11);
        assert!(names.iter().filter(|name| name.contains("_graphql")).count() > 50);
    }
}
