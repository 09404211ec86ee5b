//! `myceline proof …`: proofs that travel, made from what is final and checked against what the network started from.

mod entry;
mod state;
mod verify;

use crate::{
    CliError, Code, Context,
    document::{self, Kind},
    output::{human, style},
};
use myceline_client::Proof as Proven;
use myceline_types::{ChainId, List};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// What the file of a proof calls itself.
const KIND: Kind = Kind { format: "myceline-proof", version: 1, is_secret: false };

/// Prove messages, events and state to others, and check such proofs
#[derive(Debug, clap::Subcommand)]
pub enum Proof {
    /// Prove that a block sent a message
    #[command(after_help = "Examples:\n  myceline proof message --height 3 --output message.json")]
    Message(entry::Entry),
    /// Prove that a block emitted an event
    #[command(after_help = "Examples:\n  myceline proof event --height 3 --index 1 --output event.json")]
    Event(entry::Entry),
    State(state::State),
    Verify(verify::Verify),
}

impl Proof {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Proof::Message(command) => command.run(context, List::Messages),
            Proof::Event(command) => command.run(context, List::Events),
            Proof::State(command) => command.run(context),
            Proof::Verify(command) => command.run(context),
        }
    }
}

/// Where a proof was written.
#[derive(Serialize)]
struct Written {
    chain: ChainId,
    block: String,
    file: PathBuf,
}

/// Writes a proof, or says that there is none.
fn write(context: &Context, proof: Option<Proven>, file: PathBuf) -> Result<(), CliError> {
    let missing = || {
        CliError::new(Code::NotFound, "no validator that answers shows what is to be proved")
            .hint("see what the chain has: myceline chain show")
    };
    let proof = proof.ok_or_else(missing)?;
    document::write(&file, KIND, &proof)?;
    context.output.report(&Written { chain: proof.header.chain, block: proof.header.height.to_string(), file })
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = style::strong(self.file.display());
        writeln!(f, "{file} proves it, as of block {} of {}", self.block, human::short(self.chain))?;
        write!(f, "anybody checks it with: myceline proof verify {} --genesis FILE", self.file.display())
    }
}
