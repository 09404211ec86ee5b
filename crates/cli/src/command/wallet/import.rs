//! `myceline wallet import`: makes a wallet out of a backup, and brings its chains up to date before anything is signed.

use crate::{CliError, Code, Context, wallet::Backup};
use myceline_types::ChainId;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Make a wallet out of what `wallet export` wrote
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline --wallet ~/restored wallet import backup.json
The password is the one of the wallet that was exported. Two wallets with one key may be used side by side: a chain on
which both act at once heals.")]
pub struct Import {
    /// The backup
    #[arg(value_name = "FILE")]
    backup: PathBuf,
}

/// What was made.
#[derive(Serialize)]
struct Imported {
    wallet: PathBuf,
    chains: usize,
    /// Those that could not be brought up to date now.
    behind: Vec<ChainId>,
}

impl Import {
    /// Makes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Backup { wallet, keys } = Backup::read(&self.backup)?;
        wallet.genesis().check().map_err(|error| CliError::telling(Code::General, &error))?;
        {
            let lock = context.lock_wallet()?;
            context.refuse_second_wallet()?;
            if let Some(keys) = keys {
                keys.write(&context.folder.keys())?;
            }
            wallet.save(&lock, &context.folder)?;
        }
        let behind = bring_up_to_date(context)?;
        context.output.report(&Imported { wallet: context.folder.path().into(), chains: wallet.chains().len(), behind })
    }
}

/// A wallet that knows nothing of its chains' blocks reads them now. Answers the chains for which that did not work.
fn bring_up_to_date(context: &Context) -> Result<Vec<ChainId>, CliError> {
    context.with_wallet(async |live| {
        let mut behind = Vec::new();
        for chain in live.wallet.chains().keys() {
            if live.node.sync(*chain).await.is_err() {
                behind.push(*chain);
            }
        }
        Ok(behind)
    })
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A wallet with {} chains is in {}", self.chains, self.wallet.display())?;
        if !self.behind.is_empty() {
            write!(f, "\n{} of them could not be read now: myceline sync", self.behind.len())?;
        }
        Ok(())
    }
}
