//! `myceline chain open`: opens a chain of one owner, in one transaction of a chain that one has.

use crate::{
    CliError, Context,
    output::{human, style},
    wallet::WalletChain,
};
use myceline_client::SubmitError;
use myceline_types::{Amount, ChainConfig, ChainId, Operation, Owner, Ownership, Permissions, Transaction};
use serde::Serialize;
use std::fmt;

/// Open a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain open --balance 10 --name savings    a chain of one's own
  myceline chain open --owner ed25519:…              a chain for somebody else")]
pub struct Open {
    /// The tokens that it starts with
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    balance: Amount,
    /// Whose it is [default: the owner of the chain that opens it]
    #[arg(long)]
    owner: Option<Owner>,
    /// What the wallet calls it
    #[arg(long)]
    name: Option<String>,
    /// The chain that opens it [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Without the fast round: two exchanges for every block
    #[arg(long)]
    no_fast_round: bool,
}

/// What was opened.
#[derive(Serialize)]
struct Opened {
    chain: ChainId,
    owner: Owner,
    balance: Amount,
    final_ms: f64,
}

impl Open {
    /// Opens it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let opened = context.with_wallet(async |live| {
            let parent = live.chain(self.chain.as_deref())?;
            let own = live.wallet.chains().get(&parent).and_then(|known| known.owner);
            let owner = self.owner.or(own).ok_or(SubmitError::NotOwner(parent))?;
            let ownership = if self.no_fast_round { Ownership::single(owner) } else { Ownership::single_fast(owner) };
            let config = ChainConfig { ownership, permissions: Permissions::default(), balance: self.balance };
            let settled =
                live.submit(parent, vec![Transaction::Execute(Operation::OpenChain(Box::new(config)))]).await?;
            let chain = *settled.opened.first().expect("a final block that opens a chain names it");
            if live.owners.contains(&owner) {
                live.keep(chain, WalletChain { name: self.name.clone(), owner: Some(owner) }).await?;
            }
            Ok(Opened { chain, owner, balance: self.balance, final_ms: settled.final_ms })
        })?;
        context.output.report(&opened)
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", style::strong(self.chain))?;
        write!(
            f,
            "opened with {} tokens for {}, final after {:.1} ms",
            human::amount(self.balance),
            human::short(self.owner),
            self.final_ms
        )
    }
}
