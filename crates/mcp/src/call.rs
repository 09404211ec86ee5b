//! A call of a tool turned into a request to the node: pure, and the only place where arguments of agents are read.

use crate::{
    Object,
    tool::{Chore, Does, Effect, Tool},
};
use myceline_service::{Code, Failure};
use myceline_types::{Account, Amount, ApplicationId, BlockHeight, Holder};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Ids that are listed at once.
const LIST_MAX: u32 = 100;

/// What a call asks the node for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Request {
    /// About which chain, in the words of the caller; the default one where nothing is said.
    pub(crate) chain: Option<String>,
    /// Whether it may make a block.
    pub(crate) may_change: bool,
    /// What.
    pub(crate) what: What,
}

/// What is asked for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    /// A service answers a query. Where one field is asked for, only that is told.
    Ask { application: ApplicationId, query: Vec<u8>, field: Option<String> },
    /// A contract carries out an operation, given as JSON.
    Operate { application: ApplicationId, operation: Value },
    /// Something is done with the wallet's chains.
    Wallet(Errand),
}

/// What is done with the wallet's chains.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Errand {
    Chains,
    Balance(Holder),
    Applications { after: Option<ApplicationId>, limit: u32 },
    Inbox,
    Block(Option<BlockHeight>),
    Sync,
    Receive,
    Transfer { from: Holder, to: Account, amount: Amount },
}

#[derive(Deserialize)]
struct BalanceOf {
    #[serde(default = "own")]
    holder: Holder,
}

#[derive(Deserialize)]
struct Page {
    after: Option<ApplicationId>,
    #[serde(default = "longest")]
    limit: u32,
}

#[derive(Deserialize)]
struct At {
    height: Option<BlockHeight>,
}

#[derive(Deserialize)]
struct Payment {
    recipient: Account,
    amount: Amount,
    #[serde(default = "own")]
    holder: Holder,
}

fn own() -> Holder {
    Holder::Chain
}

fn longest() -> u32 {
    LIST_MAX
}

/// What a call of this tool with these arguments asks for.
pub(crate) fn request(tool: &Tool, mut arguments: Object) -> Result<Request, Failure> {
    check(tool, &arguments)?;
    let chain = tool.chain.as_ref().and_then(|name| arguments.remove(name));
    let chain = match chain {
        None | Some(Value::Null) => None,
        Some(Value::String(named)) => Some(named),
        Some(_) => return Err(Failure::new(Code::Usage, "a chain is named by a text")),
    };
    Ok(Request { chain, may_change: tool.effect != Effect::Reads, what: what(&tool.does, arguments)? })
}

/// Types are checked by whoever understands them; here, that all is there and nothing else.
fn check(tool: &Tool, arguments: &Object) -> Result<(), Failure> {
    let known = tool.input.get("properties").and_then(Value::as_object);
    let is_known = |name: &String| known.is_some_and(|known| known.contains_key(name));
    if let Some(name) = arguments.keys().find(|name| !is_known(name)) {
        let names: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let what = format!("{} takes no argument {name:?}, only {}", tool.name, names.join(", "));
        return Err(Failure::new(Code::Usage, what));
    }
    let required = tool.input.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    match required.into_iter().find(|name| !arguments.contains_key(*name)) {
        Some(name) => Err(Failure::new(Code::Usage, format_args!("{} needs the argument {name:?}", tool.name))),
        None => Ok(()),
    }
}

fn what(does: &Does, mut arguments: Object) -> Result<What, Failure> {
    Ok(match does {
        Does::Field { application, document, field } => {
            let query = json!({ "query": document, "variables": arguments }).to_string().into_bytes();
            What::Ask { application: *application, query, field: Some(field.clone()) }
        }
        Does::Graphql { application } => {
            What::Ask { application: *application, query: Value::from(arguments).to_string().into_bytes(), field: None }
        }
        Does::Query { application } => {
            let query = arguments.remove("query").unwrap_or_default().to_string().into_bytes();
            What::Ask { application: *application, query, field: None }
        }
        Does::Operation { application } => {
            let operation = arguments.remove("operation").unwrap_or_default();
            What::Operate { application: *application, operation }
        }
        Does::Wallet(chore) => What::Wallet(errand(*chore, arguments)?),
    })
}

fn errand(chore: Chore, arguments: Object) -> Result<Errand, Failure> {
    Ok(match chore {
        Chore::Chains => Errand::Chains,
        Chore::Balance => Errand::Balance(read::<BalanceOf>(arguments)?.holder),
        Chore::Applications => {
            let Page { after, limit } = read(arguments)?;
            Errand::Applications { after, limit: limit.clamp(1, LIST_MAX) }
        }
        Chore::Inbox => Errand::Inbox,
        Chore::Block => Errand::Block(read::<At>(arguments)?.height),
        Chore::Sync => Errand::Sync,
        Chore::Receive => Errand::Receive,
        Chore::Transfer => {
            let Payment { recipient, amount, holder } = read(arguments)?;
            Errand::Transfer { from: holder, to: recipient, amount }
        }
    })
}

fn read<T: DeserializeOwned>(arguments: Object) -> Result<T, Failure> {
    let read = serde_json::from_value(arguments.into());
    read.map_err(|error| Failure::new(Code::Usage, "the arguments do not fit").because(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wallet;

    fn tool(name: &str) -> Tool {
        wallet::tools(true).into_iter().find(|tool| tool.name == name).expect("it is a tool of the wallet")
    }

    fn ask(name: &str, arguments: Value) -> Result<Request, String> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        request(&tool(name), arguments).map_err(|failure| {
            assert_eq!(failure.code, Code::Usage);
            failure.message
        })
    }

    #[test]
    fn what_is_left_out_has_its_usual_meaning() {
        let request = ask("wallet_balance", json!({})).unwrap();
        let expected = Request { chain: None, may_change: false, what: What::Wallet(Errand::Balance(Holder::Chain)) };
        assert_eq!(request, expected);
        let request = ask("wallet_applications", json!({ "limit": 5000, "chain": "savings" })).unwrap();
        assert_eq!(request.chain.as_deref(), Some("savings"));
        assert_eq!(request.what, What::Wallet(Errand::Applications { after: None, limit: 100 }));
    }

    #[test]
    fn arguments_that_make_no_sense_are_named() {
        let error = |name, arguments| ask(name, arguments).unwrap_err();
        assert_eq!(
            error("wallet_transfer", json!({ "amount": "1" })),
            r#"wallet_transfer needs the argument "recipient""#
        );
        let unknown = r#"wallet_balance takes no argument "chian", only chain, holder"#;
        assert_eq!(error("wallet_balance", json!({ "chian": "savings" })), unknown);
        assert_eq!(error("wallet_balance", json!({ "chain": 7 })), "a chain is named by a text");
        assert_eq!(error("wallet_block", json!({ "height": "last" })), "the arguments do not fit");
    }
}
