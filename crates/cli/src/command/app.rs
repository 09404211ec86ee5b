//! `myceline app …`: applications on chains.

mod call;
mod create;
mod describe;
mod events;
mod query;

use crate::{CliError, Context};

/// Create, call and query applications, and see what they emit
#[derive(Debug, clap::Subcommand)]
pub enum App {
    Create(create::Create),
    Call(call::Call),
    Query(query::Query),
    Events(events::Events),
    Describe(describe::Describe),
}

impl App {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            App::Create(command) => command.run(context),
            App::Call(command) => command.run(context),
            App::Query(command) => command.run(context),
            App::Events(command) => command.run(context),
            App::Describe(command) => command.run(context),
        }
    }
}
