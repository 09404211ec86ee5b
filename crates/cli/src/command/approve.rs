//! `myceline approve`: lets somebody spend from the account of this wallet's owner.

use crate::{
    CliError, Context,
    live::Settled,
    output::{human, style},
};
use myceline_types::{Amount, ChainId, Operation, Owner, Transaction};
use serde::Serialize;
use std::fmt;

/// Let somebody spend from your account on a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The account is that of the owner whose key signs, not the chain's own. A new allowance replaces the old one.

Examples:
  myceline approve 5 --spender ed25519:…    up to five tokens
  myceline approve 0 --spender ed25519:…    nothing any more")]
pub struct Approve {
    /// How many tokens in all; 0 ends it
    amount: Amount,
    /// Who may spend them
    #[arg(long, value_name = "OWNER")]
    spender: Owner,
    /// The chain with the account [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was allowed.
#[derive(Serialize)]
struct Approved {
    chain: ChainId,
    spender: Owner,
    amount: Amount,
    #[serde(flatten)]
    settled: Settled,
}

impl Approve {
    /// Allows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Approve { amount, spender, chain } = self;
        let approved = context.with_wallet(async |live| {
            let chain = live.chain(chain.as_deref())?;
            let approve = Transaction::Execute(Operation::Approve { spender, amount });
            let settled = live.submit(chain, vec![approve]).await?;
            Ok(Approved { chain, spender, amount, settled })
        })?;
        context.output.report(&approved)
    }
}

impl fmt::Display for Approved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (amount, spender) = (style::strong(human::amount(self.amount)), human::short(self.spender));
        writeln!(f, "{spender} may spend {amount} tokens on {}", human::short(self.chain))?;
        self.settled.fmt(f)
    }
}
