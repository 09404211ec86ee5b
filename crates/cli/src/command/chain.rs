//! `myceline chain …`: open chains, look at them, and say who may do what on them.

mod block;
mod close;
mod describe;
mod open;
mod open_multi;
mod owners;
mod ownership;
mod permissions;
mod show;

use crate::{CliError, Context};

/// Open chains, look at them, and say who may do what on them
#[derive(Debug, clap::Subcommand)]
pub enum Chain {
    Open(open::Open),
    OpenMulti(open_multi::OpenMulti),
    Show(show::Show),
    Block(block::Block),
    Ownership(ownership::ShowOwnership),
    Permissions(permissions::ShowPermissions),
    Close(close::Close),
}

impl Chain {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Chain::Open(command) => command.run(context),
            Chain::OpenMulti(command) => command.run(context),
            Chain::Show(command) => command.run(context),
            Chain::Block(command) => command.run(context),
            Chain::Ownership(command) => command.run(context),
            Chain::Permissions(command) => command.run(context),
            Chain::Close(command) => command.run(context),
        }
    }
}
