//! A tool: what an agent is told about it, and what it does.

use crate::Object;
use myceline_types::ApplicationId;

/// Longer descriptions are cut: agents read all of them, all the time.
const DESCRIPTION_CHARS_MAX: usize = 6_000;

/// A tool.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// Its name, one of a kind.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) title: String,
    /// What it does, for whoever chooses among tools.
    pub(crate) description: String,
    /// The JSON schema of its arguments.
    pub(crate) input: Object,
    /// Which argument names the chain, where one does.
    pub(crate) chain: Option<String>,
    /// What it does to the world.
    pub(crate) effect: Effect,
    /// What it does.
    pub(crate) does: Does,
}

/// What a tool does to the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    /// Nothing: it makes no block.
    Reads,
    /// It makes blocks that take nothing away.
    Adds,
    /// It makes blocks that may do anything.
    Changes,
}

/// What a tool does.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Asks for one field of an application's GraphQL.
    Field { application: ApplicationId, document: String, field: String },
    /// Asks whatever is wanted of an application's GraphQL.
    Graphql { application: ApplicationId },
    /// Asks an application that speaks another kind of JSON.
    Query { application: ApplicationId },
    /// Has a contract carry out an operation.
    Operation { application: ApplicationId },
    /// Looks at chains of the wallet, or does something with them.
    Wallet(Chore),
}

/// What can be done with the wallet's chains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Chore {
    Chains,
    Balance,
    Applications,
    Inbox,
    Block,
    Sync,
    Receive,
    Transfer,
}

/// A description that is not too long to be read.
pub(crate) fn bounded(description: String) -> String {
    match description.char_indices().nth(DESCRIPTION_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &description[..end]),
        None => description,
    }
}
