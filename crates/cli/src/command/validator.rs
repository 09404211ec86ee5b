//! `myceline validator …`: make, run and ask validators.

mod asking;
mod init;
mod list;
mod query;
mod run;

use crate::{CliError, Context};

pub(crate) use init::{Making, PublicPart, make};
pub(crate) use run::MONITOR_FILE;

/// Make, run and ask validators
#[derive(Debug, clap::Subcommand)]
pub enum Validator {
    Init(init::Init),
    Run(run::Run),
    Query(query::Query),
    List(list::List),
}

impl Validator {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Validator::Init(command) => command.run(context),
            Validator::Run(command) => command.run(),
            Validator::Query(command) => command.run(context),
            Validator::List(command) => command.run(context),
        }
    }
}
