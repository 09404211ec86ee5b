//! `myceline app call`: has a contract do something, in a block.

use crate::{CliError, Context, application::bytes_of, live::Settled};
use myceline_service::describe::json_of;
use myceline_types::{Operation, Transaction};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Have an application do something, in a block
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The operation is JSON of the type that the application declares: myceline app describe APPLICATION.

Examples:
  myceline app call poll '{\"Increment\": {\"by\": 3}}'")]
pub struct Call {
    /// The application: its name in the wallet, or its id
    application: String,
    /// What it is asked to do, as JSON
    operation: String,
    /// The chain on which it does it [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What came of it.
#[derive(Serialize)]
struct Called {
    response: Value,
    #[serde(flatten)]
    settled: Settled,
}

impl Call {
    /// Has it done.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let called = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let application = live.application(&self.application)?;
            let types = live.describe(application).await?;
            let bytes = bytes_of(&types, &types.operation, Some(&self.operation), "operation")?;
            let operation = Operation::Application { id: application, bytes };
            let settled = live.submit(chain, vec![Transaction::Execute(operation)]).await?;
            let response =
                settled.results.first().map_or(Value::Null, |result| json_of(&types, &types.response, &result.0));
            Ok(Called { response, settled })
        })?;
        context.output.report(&called)
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.response.is_null() {
            writeln!(f, "{}", self.response)?;
        }
        self.settled.fmt(f)
    }
}
