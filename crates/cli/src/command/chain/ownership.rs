//! `myceline chain ownership`: who proposes on a chain, to look at or to replace.

use super::{describe::Proposers, owners::Owners};
use crate::{CliError, Code, Context, live::LiveWallet, wallet::WalletChain};
use myceline_types::{ChainId, Operation, Owner, Ownership, Transaction};
use serde::Serialize;
use std::fmt;

/// Show who may propose on a chain, or replace all of them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain ownership savings                                 show it
  myceline chain ownership savings --fast-owner ed25519:…          another owner, from the next block on
  myceline chain ownership ours --owner ed25519:… --owner 0x…=50   several owners")]
pub struct ShowOwnership {
    /// The chain [default: the wallet's default chain]
    chain: Option<String>,
    #[command(flatten)]
    owners: Owners,
    /// Go on although no key of this wallet could propose any more
    #[arg(long)]
    give_away: bool,
}

/// Who may propose.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    ownership: Ownership,
    changed: bool,
}

impl ShowOwnership {
    /// Shows or replaces it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let wanted = if self.owners.are_given() { Some(self.owners.ownership()?) } else { None };
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let Some(ownership) = wanted else {
                let ownership = live.node.chain(chain).await?.ownership;
                return Ok(Shown { chain, ownership, changed: false });
            };
            let owner = self.own_key(&live, &ownership)?;
            let change = Operation::ChangeOwnership(Box::new(ownership.clone()));
            live.submit(chain, vec![Transaction::Execute(change)]).await?;
            let known = live.wallet.chains().get(&chain).cloned().unwrap_or_default();
            live.keep(chain, WalletChain { owner, ..known }).await?;
            Ok(Shown { chain, ownership, changed: true })
        })?;
        context.output.report(&shown)
    }

    /// The key of this wallet that may propose from then on. Nobody loses a chain by a slip of the hand.
    fn own_key(&self, live: &LiveWallet, ownership: &Ownership) -> Result<Option<Owner>, CliError> {
        let own = ownership.all_owners().into_iter().find(|owner| live.owners.contains(owner));
        if own.is_none() && !self.give_away {
            return Err(CliError::new(Code::Usage, "no key of this wallet could propose on the chain any more")
                .hint("the same command with --give-away, if that is what you want"));
        }
        Ok(own)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changed {
            writeln!(f, "from the next block on")?;
        }
        write!(f, "{}", Proposers(&self.ownership))
    }
}
