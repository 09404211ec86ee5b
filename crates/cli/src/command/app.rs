//! `myceline app …`: applications on chains.

mod call;
mod create;
mod describe;
mod query;

use crate::{CliError, Context};

/// Create, call and query applications
#[derive(Debug, clap::Subcommand)]
pub enum App {
    Create(create::Create),
    Call(call::Call),
    Query(query::Query),
    Describe(describe::Describe),
}

impl App {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            App::Create(command) => command.run(context),
            App::Call(command) => command.run(context),
            App::Query(command) => command.run(context),
            App::Describe(command) => command.run(context),
        }
    }
}
