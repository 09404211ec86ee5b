//! `myceline wallet …`: which network and which chains.

mod init;
mod show;

use crate::{CliError, Context};

/// Make a wallet and look at it
#[derive(Debug, clap::Subcommand)]
pub enum Wallet {
    Init(init::Init),
    Show(show::Show),
}

impl Wallet {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Wallet::Init(command) => command.run(context),
            Wallet::Show(command) => command.run(context),
        }
    }
}
