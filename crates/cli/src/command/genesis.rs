//! `myceline genesis …`: what a network starts from.

mod create;
mod policy;
mod show;
mod source;

pub(crate) use create::{first_chain, public_chain};
pub(crate) use policy::PolicyArguments;
pub(crate) use source::Source;

use crate::{
    CliError, Context,
    document::{self, Kind},
};

use myceline_types::Genesis as Content;
use std::path::Path;

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-genesis", version: 1, is_secret: false };

/// Make and look at what a network starts from
#[derive(Debug, clap::Subcommand)]
pub enum Genesis {
    Create(create::Create),
    Show(show::Show),
    Policy(policy::Policy),
}

impl Genesis {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Genesis::Create(command) => command.run(context),
            Genesis::Show(command) => command.run(context),
            Genesis::Policy(command) => command.run(context),
        }
    }
}

/// Reads a genesis file.
pub(crate) fn read(path: &Path) -> Result<Content, CliError> {
    Ok(document::read(path, KIND)?)
}

/// A genesis as the text of a document.
pub(crate) fn text(genesis: &Content) -> Vec<u8> {
    document::text(KIND, genesis)
}

/// Writes a genesis file.
pub(crate) fn write(path: &Path, genesis: &Content) -> Result<(), CliError> {
    Ok(document::write(path, KIND, genesis)?)
}
