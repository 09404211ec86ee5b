//! `myceline wallet set-default`: names the chain that a command means when it names none.

use crate::{
    CliError, Context,
    output::{human, style},
    wallet::Wallet,
};
use myceline_types::ChainId;
use serde::Serialize;
use std::fmt;

/// Say which chain commands mean when they name none
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline wallet set-default savings")]
pub struct SetDefault {
    /// A chain of the wallet: its name, its id, or the beginning of its id
    chain: String,
}

/// What was set.
#[derive(Serialize)]
struct Set {
    default_chain: ChainId,
    name: Option<String>,
}

impl SetDefault {
    /// Sets it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let lock = context.lock_wallet()?;
        let mut wallet = Wallet::open(&context.folder)?;
        let chain = wallet.find(&self.chain)?;
        wallet.set_default(chain)?;
        wallet.save(&lock, &context.folder)?;
        let name = wallet.chains().get(&chain).and_then(|known| known.name.clone());
        context.output.report(&Set { default_chain: chain, name })
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.clone().unwrap_or_else(|| human::short(self.default_chain));
        write!(f, "{} is the default chain now", style::strong(name))
    }
}
