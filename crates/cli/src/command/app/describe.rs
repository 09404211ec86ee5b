//! `myceline app describe`: what an application understands, as a JSON schema.

use crate::{CliError, Context};
use myceline_sdk::describe::schema;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Show what an application understands
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline app describe poll")]
pub struct Describe {
    /// The application: its name in the wallet, or its id
    application: String,
}

/// A JSON schema.
#[derive(Serialize)]
#[serde(transparent)]
struct Schema(Value);

impl Describe {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let types = context.with_wallet(async |live| live.describe(live.application(&self.application)?).await)?;
        context.output.report(&Schema(schema::of(&types)))
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}
