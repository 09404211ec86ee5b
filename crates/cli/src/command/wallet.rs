//! `myceline wallet …`: which network and which chains.

mod claim;
mod export;
mod follow;
mod forget;
mod import;
mod init;
mod policy;
mod set_default;
mod show;

use crate::{CliError, Context};

/// Make a wallet, look at it, and say which chains it has
#[derive(Debug, clap::Subcommand)]
pub enum Wallet {
    Init(init::Init),
    Show(show::Show),
    SetDefault(set_default::SetDefault),
    Claim(claim::Claim),
    Follow(follow::Follow),
    Policy(policy::Policy),
    Forget(forget::Forget),
    Export(export::Export),
    Import(import::Import),
}

impl Wallet {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Wallet::Init(command) => command.run(context),
            Wallet::Show(command) => command.run(context),
            Wallet::SetDefault(command) => command.run(context),
            Wallet::Claim(command) => command.run(context),
            Wallet::Follow(command) => command.run(context),
            Wallet::Policy(command) => command.run(context),
            Wallet::Forget(command) => command.run(context),
            Wallet::Export(command) => command.run(context),
            Wallet::Import(command) => command.run(context),
        }
    }
}
