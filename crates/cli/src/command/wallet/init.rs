//! `myceline wallet init`: makes a wallet for a network.

use crate::{CliError, Code, Context, command::genesis::Source, wallet::Wallet};
use myceline_types::NetworkId;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Make a wallet for a network
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline wallet init --genesis genesis.json
  myceline wallet init --genesis http://127.0.0.1:9100           ask a validator on this machine, as of `net up`
  myceline wallet init --genesis http://127.0.0.1:9200/genesis   or read the document that its monitor serves
  myceline keygen                                then make a key, and have somebody open a chain for it")]
pub struct Init {
    /// What the network starts from: a file, or an address on this machine
    #[arg(long, value_name = "FILE|URL")]
    genesis: Source,
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
        let genesis = self.genesis.read()?;
        genesis.check().map_err(|error| CliError::telling(Code::General, &error))?;
        let lock = context.lock_wallet()?;
        context.refuse_second_wallet()?;
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
