//! `myceline app query`: asks the service of an application about a chain, and makes the block that the answer wants.

use crate::{CliError, Code, Context, live::Settled};
use myceline_types::{Operation, Transaction};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// Ask an application about a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A query is GraphQL, or JSON where the service understands that. A mutation makes a block.

Examples:
  myceline app query poll '{ value }'
  myceline app query poll 'mutation { increment(by: 3) }'")]
pub struct Query {
    /// The application: its name in the wallet, or its id
    application: String,
    /// What is asked
    query: String,
    /// About which chain [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// The answer, and the block that it wanted.
#[derive(Serialize)]
struct Answer {
    answer: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Settled>,
}

impl Query {
    /// Asks.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let query = request(&self.query).to_string().into_bytes();
        let answer = context.with_wallet(async |live| {
            let application = live.application(&self.application)?;
            let chain = live.chain(self.chain.as_deref())?;
            let answered = live.node.query(chain, application, query).await?;
            let answer = serde_json::from_slice(&answered.answer.0).map_err(|error| {
                CliError::new(Code::General, "the service answers with something that is not JSON").because(&error)
            })?;
            let operation = |bytes| Transaction::Execute(Operation::Application { id: application, bytes });
            let wanted: Vec<Transaction> = answered.scheduled.into_iter().map(operation).collect();
            let block = if wanted.is_empty() { None } else { Some(live.submit(chain, wanted).await?) };
            Ok(Answer { answer, block })
        })?;
        context.output.report(&answer)
    }
}

/// JSON as it is; anything else is the text of a GraphQL request.
fn request(query: &str) -> Value {
    serde_json::from_str(query).unwrap_or_else(|_| json!({ "query": query }))
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.answer)?;
        match &self.block {
            Some(block) => write!(f, "\n{block}"),
            None => Ok(()),
        }
    }
}
