//! `myceline wallet forget`: takes a chain out of the wallet. The chain lives on, and so does the key of its owner.

use crate::{CliError, Context, output::human, wallet::Wallet};
use myceline_types::ChainId;
use serde::Serialize;
use std::fmt;

/// Take a chain out of the wallet; the chain itself and its owner's key stay
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline wallet forget savings
  myceline wallet follow CHAIN      brings it back, with its owner if the key is here")]
pub struct Forget {
    /// A chain of the wallet: its name, its id, or the beginning of its id
    chain: String,
}

/// What was forgotten.
#[derive(Serialize)]
struct Forgotten {
    chain: ChainId,
    name: Option<String>,
    has_default_chain: bool,
}

impl Forget {
    /// Forgets it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let lock = context.lock_wallet()?;
        let mut wallet = Wallet::open(&context.folder)?;
        let chain = wallet.find(&self.chain)?;
        let name = wallet.forget(chain)?.name;
        wallet.save(&lock, &context.folder)?;
        context.output.report(&Forgotten { chain, name, has_default_chain: wallet.default_chain().is_ok() })
    }
}

impl fmt::Display for Forgotten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is forgotten", self.name.clone().unwrap_or_else(|| human::short(self.chain)))?;
        if !self.has_default_chain {
            write!(f, "\nThere is no default chain any more: myceline wallet set-default CHAIN")?;
        }
        Ok(())
    }
}
