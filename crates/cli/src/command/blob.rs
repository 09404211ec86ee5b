//! `myceline blob …`: immutable data that chains share.

mod publish;
mod read;

use crate::{CliError, Context};

/// Publish and read immutable data
#[derive(Debug, clap::Subcommand)]
pub enum Blob {
    Publish(publish::Publish),
    Read(read::Read),
}

impl Blob {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Blob::Publish(command) => command.run(context),
            Blob::Read(command) => command.run(context),
        }
    }
}
