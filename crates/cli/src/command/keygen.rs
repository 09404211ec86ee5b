//! `myceline keygen`: makes a key for an owner. What the owner may do with it is for chains to say.

use crate::{
    CliError, Context,
    keystore::{KeyKind, Keys},
    output::style,
};
use myceline_types::Owner;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Make a key and keep it in the wallet
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline keygen                          a key for somebody who asks you for an owner
  myceline keygen --kind ethereum          the owner is an Ethereum address
  myceline --json keygen | jq -r .owner    the owner alone, for a script")]
pub struct Keygen {
    /// Which kind of key
    #[arg(long, value_enum, default_value = "ed25519")]
    kind: KeyKind,
    /// Keep new keys unencrypted: for tests, never for anything of worth
    #[arg(long)]
    insecure_plaintext: bool,
}

/// What became of it.
#[derive(Serialize)]
struct MadeKey {
    owner: Owner,
    keystore: PathBuf,
    encrypted: bool,
}

impl Keygen {
    /// Makes the key, and the keystore with the first one.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let _lock = context.lock_wallet()?;
        let path = context.folder.keys();
        let mut keys = if path.exists() { context.unlock_keys()? } else { self.create(context)? };
        let owner = keys.generate(self.kind)?;
        context.output.report(&MadeKey { owner, keystore: path, encrypted: keys.is_encrypted() })
    }

    fn create(&self, context: &Context) -> Result<Keys, CliError> {
        let password = if self.insecure_plaintext { None } else { Some(context.passwords.chosen()?) };
        Ok(Keys::create(&context.folder.keys(), password.as_ref())?)
    }
}

impl fmt::Display for MadeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", style::strong(self.owner))?;
        let how = if self.encrypted { style::dim("encrypted") } else { style::bad("not encrypted") };
        write!(f, "Its key is in {}, {how}.", self.keystore.display())
    }
}
