//! `myceline module …`: the code of applications.

mod publish;

use crate::{CliError, Context};

/// Publish the code of applications
#[derive(Debug, clap::Subcommand)]
pub enum Module {
    Publish(publish::Publish),
}

impl Module {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Module::Publish(command) => command.run(context),
        }
    }
}
