//! `myceline chain …`: open chains and look at them.

mod open;

use crate::{CliError, Context};

/// Open chains
#[derive(Debug, clap::Subcommand)]
pub enum Chain {
    Open(open::Open),
}

impl Chain {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Chain::Open(command) => command.run(context),
        }
    }
}
