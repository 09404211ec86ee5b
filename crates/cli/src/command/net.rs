//! `myceline net …`: a network on this machine.

mod faucet;
mod plan;
mod processes;
mod up;

use crate::{CliError, Context};

pub(crate) use plan::{FirstWallet, MAIN, Plan, Wanted};
pub(crate) use processes::Processes;

/// Run a network on this machine
#[derive(Debug, clap::Subcommand)]
pub enum Net {
    Up(up::Up),
}

impl Net {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Net::Up(command) => command.run(context),
        }
    }
}
