//! `myceline wallet export`: writes all of a wallet into one file.

use crate::{
    CliError, Code, Context,
    keystore::Keystore,
    output::style,
    wallet::{Backup, Wallet},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Write the wallet into one file: network, chains, names, and the keys under the same password
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline wallet export --output backup.json
  myceline wallet export --output chains.json --without-keys    for a device that only looks")]
pub struct Export {
    /// Where to write it: a file that does not exist yet
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Leave the keys out
    #[arg(long)]
    without_keys: bool,
}

/// What was written.
#[derive(Serialize)]
struct Exported {
    backup: PathBuf,
    chains: usize,
    keys: usize,
    encrypted: bool,
}

impl Export {
    /// Writes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        if self.output.exists() {
            let what = format!("{} is there already", self.output.display());
            return Err(CliError::new(Code::Usage, what).hint("choose another file with --output"));
        }
        let _lock = context.lock_wallet()?;
        let wallet = Wallet::open(&context.folder)?;
        let has_keys = !self.without_keys && context.folder.keys().exists();
        let keystore = if has_keys { Some(Keystore::open(&context.folder.keys())?) } else { None };
        let exported = Exported {
            backup: self.output.clone(),
            chains: wallet.chains().len(),
            keys: keystore.as_ref().map_or(0, |keystore| keystore.owners().count()),
            encrypted: keystore.as_ref().is_none_or(Keystore::is_encrypted),
        };
        Backup { wallet, keys: keystore.map(Keystore::into_stored) }.write(&self.output)?;
        context.output.report(&exported)
    }
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exported { chains, keys, .. } = self;
        write!(f, "{} has {chains} chains and {keys} keys", style::strong(self.backup.display()))?;
        match (keys, self.encrypted) {
            (0, _) => Ok(()),
            (_, true) => write!(f, ", which the wallet's password opens"),
            (_, false) => write!(f, ", {}", style::bad("not encrypted: whoever has the file has the keys")),
        }
    }
}
