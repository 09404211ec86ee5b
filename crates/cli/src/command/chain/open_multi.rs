//! `myceline chain open-multi`: opens a chain of several owners, or one that the validators lead.

use super::{describe::Proposers, owners::Owners};
use crate::{
    CliError, Context,
    output::{human, style},
    wallet::WalletChain,
};
use myceline_types::{Amount, ChainConfig, ChainId, Operation, Owner, Ownership, Permissions, Transaction};
use serde::Serialize;
use std::fmt;

/// Open a chain of several owners
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain open-multi --owner ed25519:… --owner 0x…=200 --balance 10 --name ours
  myceline chain open-multi --public                            led by the validators
Owners propose in any order as long as they do not collide, and take turns by weight when they do.")]
pub struct OpenMulti {
    #[command(flatten)]
    owners: Owners,
    /// The tokens that it starts with
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    balance: Amount,
    /// What the wallet calls it
    #[arg(long)]
    name: Option<String>,
    /// The chain that opens it [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was opened.
#[derive(Serialize)]
struct Opened {
    chain: ChainId,
    ownership: Ownership,
    /// For whom this wallet signs on it.
    owner: Option<Owner>,
    balance: Amount,
    final_ms: f64,
}

impl OpenMulti {
    /// Opens it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let ownership = self.owners.ownership()?;
        let opened = context.with_wallet(async |live| {
            let parent = live.chain(self.chain.as_deref())?;
            let config = ChainConfig {
                ownership: ownership.clone(),
                permissions: Permissions::default(),
                balance: self.balance,
            };
            let open = Transaction::Execute(Operation::OpenChain(Box::new(config)));
            let settled = live.submit(parent, vec![open]).await?;
            let chain = *settled.opened.first().expect("a final block that opens a chain names it");
            let owner = ownership.all_owners().into_iter().find(|owner| live.owners.contains(owner));
            // Followed also where it is others': whoever opened it wants to see it.
            live.keep(chain, WalletChain { name: self.name.clone(), owner }).await?;
            Ok(Opened { chain, ownership, owner, balance: self.balance, final_ms: settled.final_ms })
        })?;
        context.output.report(&opened)
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", style::strong(self.chain))?;
        writeln!(f, "opened with {} tokens, final after {:.1} ms", human::amount(self.balance), self.final_ms)?;
        write!(f, "{}", Proposers(&self.ownership))
    }
}
