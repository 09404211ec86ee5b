//! `myceline transfer`: sends tokens to an account, here or on another chain.

use crate::{
    CliError, Context,
    live::Settled,
    output::{human, style},
};
use myceline_types::{Account, Amount, ChainId, Holder, Operation, Owner, Transaction};
use serde::Serialize;
use std::fmt;

/// Send tokens to another chain or account
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline transfer 5 --to 29c8121d…            to a chain
  myceline transfer 0.5 --to CHAIN/ed25519:…    to an owner's account on a chain
  myceline transfer 5 --to savings --chain main between chains of the wallet, by their names
  myceline transfer 5 --to shop --from ed25519:… out of what somebody lets you spend")]
pub struct Transfer {
    /// How many tokens
    amount: Amount,
    /// Who gets them: a chain of the wallet, a chain's id, or CHAIN/OWNER
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    /// The chain that sends [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Whose account on it pays: chain, or an owner
    #[arg(long, value_name = "HOLDER", default_value = "chain")]
    holder: Holder,
    /// Whose account on it pays, as far as its owner allows: see myceline approve
    #[arg(long, value_name = "OWNER", conflicts_with = "holder")]
    from: Option<Owner>,
}

/// What was done.
#[derive(Serialize)]
struct Sent {
    from: ChainId,
    to: Account,
    amount: Amount,
    #[serde(flatten)]
    settled: Settled,
}

impl Transfer {
    /// Sends them.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Transfer { amount, to, chain, holder, from: allowing } = self;
        let sent = context.with_wallet(async |live| {
            let from = live.chain(chain.as_deref())?;
            let to = live.account(&to)?;
            let transfer = match allowing {
                Some(owner) => Operation::TransferFrom { owner, to, amount },
                None => Operation::Transfer { from: holder, to, amount },
            };
            let settled = live.submit(from, vec![Transaction::Execute(transfer)]).await?;
            Ok(Sent { from, to, amount, settled })
        })?;
        context.output.report(&sent)
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = style::strong(human::amount(self.amount));
        writeln!(f, "{amount} tokens from {} to {}", human::short(self.from), self.to)?;
        self.settled.fmt(f)
    }
}
