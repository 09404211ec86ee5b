//! `myceline wallet init`: makes a wallet for a network.

use crate::{CliError, Code, Context, command::genesis, wallet::Wallet};
use myceline_types::NetworkId;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Make a wallet for a network
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline wallet init --genesis genesis.json
  myceline keygen                                then make a key, and have somebody open a chain for it")]
pub struct Init {
    /// What the network starts from
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
}

/// What was made.
#[derive(Serialize)]
struct Made {
    wallet: PathBuf,
    network: NetworkId,
    name: String,
}

impl Init {
    /// Makes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let genesis = genesis::read(&self.genesis)?;
        genesis.check().map_err(|error| CliError::telling(Code::General, &error))?;
        let lock = context.lock_wallet()?;
        if context.folder.wallet().exists() {
            return Err(CliError::new(
                Code::Usage,
                format_args!("{} has a wallet already", context.folder.path().display()),
            )
            .hint("choose another folder with --wallet"));
        }
        let (network, name) = (genesis.network(), genesis.name.clone());
        Wallet::new(genesis).save(&lock, &context.folder)?;
        context.output.report(&Made { wallet: context.folder.path().into(), network, name })
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A wallet for network {} is in {}", self.name, self.wallet.display())
    }
}
