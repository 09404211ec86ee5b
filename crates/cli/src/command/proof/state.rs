//! `myceline proof state`: an entry of a chain's state, for example what is in an account.

use crate::{CliError, Context};
use myceline_execution::system;
use myceline_types::Holder;
use std::path::PathBuf;

/// Prove what a chain's state says now
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline proof state --output balance.json                       the chain's own balance
  myceline proof state --holder ed25519:… --output balance.json    an owner's account
  myceline proof state --key 62 --output entry.json                any entry, by its key")]
pub struct State {
    /// The chain: any chain of the network [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Whose balance: chain, or an owner
    #[arg(long, value_name = "HOLDER", default_value = "chain")]
    holder: Holder,
    /// The key of the entry, in hexadecimal digits, instead of a balance
    #[arg(long, value_name = "HEX", conflicts_with = "holder", value_parser = key)]
    key: Option<Key>,
    /// Where to write the proof
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// The parser of the command line would take a bare vector for many values.
type Key = Vec<u8>;

fn key(text: &str) -> Result<Key, String> {
    hex::decode(text).map_err(|error| error.to_string())
}

impl State {
    /// Proves it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let State { chain, holder, key, output } = self;
        let proof = context.with_wallet(async |live| {
            let chain = live.chain(chain.as_deref())?;
            let key = key.unwrap_or_else(|| system::balance_entry(&holder).to_vec());
            Ok(live.node.prove_state(chain, key).await?)
        })?;
        super::write(context, proof, output)
    }
}
