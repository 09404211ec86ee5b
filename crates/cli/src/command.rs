//! The commands, one file each. A command is its arguments as a type, and `run`.

mod completions;
mod keygen;

use crate::{CliError, Context};

/// What the program can do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Keygen(keygen::Keygen),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Command::Keygen(command) => command.run(context),
            Command::Completions(command) => command.run(context),
        }
    }
}
