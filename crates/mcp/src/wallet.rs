//! The tools for the wallet's chains themselves, whatever applications there are.

use crate::{
    json_schema::of_properties,
    tool::{Chore, Does, Effect, Tool},
};
use serde_json::{Value, json};

/// The argument that names a chain.
pub(crate) const CHAIN: &str = "chain";

/// The schema of the argument that names a chain.
pub(crate) fn chain_schema() -> Value {
    json!({
        "type": "string",
        "description": "The chain: its name in the wallet, or its id of 64 hexadecimal digits. Leave it out for the default one",
    })
}

/// The tools. `may_transfer` says whether one of them sends tokens.
pub(crate) fn tools(may_transfer: bool) -> Vec<Tool> {
    let mut tools =
        vec![tool(CHAINS), tool(BALANCE), tool(APPLICATIONS), tool(INBOX), tool(BLOCK), tool(SYNC), tool(RECEIVE)];
    if may_transfer {
        tools.push(tool(TRANSFER));
    }
    tools
}

/// What is said about a tool.
struct About {
    chore: Chore,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    effect: Effect,
}

const CHAINS: About = About {
    chore: Chore::Chains,
    name: "wallet_chains",
    title: "The wallet's chains",
    description: "Lists the chains of the wallet: id, name, owner where the wallet can make blocks there, and which is the default one.",
    effect: Effect::Reads,
};
const BALANCE: About = About {
    chore: Chore::Balance,
    name: "wallet_balance",
    title: "What is in an account",
    description: "Tells how many native tokens are in an account of a chain, as this wallet last saw it.",
    effect: Effect::Reads,
};
const APPLICATIONS: About = About {
    chore: Chore::Applications,
    name: "wallet_applications",
    title: "Applications on a chain",
    description: "Lists the ids of the applications that keep something on a chain, in their order. For more of them, name the last one as `after`.",
    effect: Effect::Reads,
};
const INBOX: About = About {
    chore: Chore::Inbox,
    name: "wallet_inbox",
    title: "What waits for a chain",
    description: "Lists the bundles of messages that wait for a chain, by the chain, block and transaction that sent them. wallet_receive takes them in.",
    effect: Effect::Reads,
};
const BLOCK: About = About {
    chore: Chore::Block,
    name: "wallet_block",
    title: "A block of a chain",
    description: "Shows a certified block of any chain, with its transactions and what came of them: the last one where no height is given.",
    effect: Effect::Reads,
};
const SYNC: About = About {
    chore: Chore::Sync,
    name: "wallet_sync",
    title: "Read what is new",
    description: "Brings a chain up to date with the network. Other tools tell what was read last, so use this first where others, or other devices, may have changed something.",
    effect: Effect::Reads,
};
const RECEIVE: About = About {
    chore: Chore::Receive,
    name: "wallet_receive",
    title: "Take in what waits",
    description: "Takes in what waits for a chain of this wallet: tokens and messages of applications. This makes a block where something waits.",
    effect: Effect::Adds,
};
const TRANSFER: About = About {
    chore: Chore::Transfer,
    name: "wallet_transfer",
    title: "Send tokens",
    description: "Sends native tokens from an account of a chain of this wallet. It cannot be taken back.",
    effect: Effect::Changes,
};

fn tool(about: About) -> Tool {
    let About { chore, name, title, description, effect } = about;
    let holder = "Whose account on the chain: 'chain', or an owner such as ed25519:<64 hex digits>";
    let mut properties = match chore {
        Chore::Balance => vec![("holder", false, text(holder))],
        Chore::Applications => vec![
            ("after", false, text("Only those after this one")),
            ("limit", false, json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 100 })),
        ],
        Chore::Block => vec![("height", false, json!({ "type": "integer", "minimum": 0 }))],
        Chore::Chains | Chore::Inbox | Chore::Sync | Chore::Receive => Vec::new(),
        Chore::Transfer => vec![
            ("recipient", true, text("Who gets them: a chain's id, or CHAIN/OWNER")),
            ("amount", true, text("How many, such as 1.5")),
            ("holder", false, text(holder)),
        ],
    };
    let chain = (chore != Chore::Chains).then_some(CHAIN);
    properties.extend(chain.map(|name| (name, false, chain_schema())));
    Tool {
        name: name.into(),
        title: title.into(),
        description: description.into(),
        input: of_properties(properties),
        chain: chain.map(str::to_owned),
        effect,
        does: Does::Wallet(chore),
    }
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}
