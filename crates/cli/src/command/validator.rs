//! `myceline validator …`: make, run and ask validators.

mod init;
mod run;

use crate::{CliError, Context};

pub(crate) use init::{Making, PublicPart, make};

/// Make and run validators
#[derive(Debug, clap::Subcommand)]
pub enum Validator {
    Init(init::Init),
    Run(run::Run),
}

impl Validator {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Validator::Init(command) => command.run(context),
            Validator::Run(command) => command.run(),
        }
    }
}
