//! `myceline genesis …`: what a network starts from.

mod create;
mod show;

pub(crate) use create::first_chain;

use crate::{
    CliError, Context,
    document::{self, Kind},
};

use myceline_types::Genesis as Content;
use std::path::Path;

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-genesis", version: 1 };

/// Make and look at what a network starts from
#[derive(Debug, clap::Subcommand)]
pub enum Genesis {
    Create(create::Create),
    Show(show::Show),
}

impl Genesis {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Genesis::Create(command) => command.run(context),
            Genesis::Show(command) => command.run(context),
        }
    }
}

/// Reads a genesis file.
pub(crate) fn read(path: &Path) -> Result<Content, CliError> {
    Ok(document::read(path, KIND)?)
}

/// Writes a genesis file.
pub(crate) fn write(path: &Path, genesis: &Content) -> Result<(), CliError> {
    Ok(document::write(path, KIND, genesis)?)
}
