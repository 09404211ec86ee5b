//! `myceline claim`: asks another chain to pay out of the account that this wallet's owner has there.

use crate::{
    CliError, Context,
    live::Settled,
    output::{human, style},
};
use myceline_types::{Account, Amount, ChainId, Operation, Transaction};
use serde::Serialize;
use std::fmt;

/// Have your account on another chain paid out
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The other chain pays when its owners next take in what was sent to it; then myceline sync brings the tokens here.

Examples:
  myceline claim 5 --from 29c8121d…                to this chain
  myceline claim 5 --from 29c8121d… --to savings   to another one")]
pub struct Claim {
    /// How many tokens
    amount: Amount,
    /// The chain with the account
    #[arg(long, value_name = "CHAIN")]
    from: String,
    /// Who gets them [default: the chain that asks]
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    /// The chain that asks [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was asked for.
#[derive(Serialize)]
struct Claimed {
    from: ChainId,
    to: Account,
    amount: Amount,
    #[serde(flatten)]
    settled: Settled,
}

impl Claim {
    /// Asks.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let claimed = context.with_wallet(async |live| {
            let (here, from) = (live.chain(self.chain.as_deref())?, live.chain(Some(&self.from))?);
            let to = self.to.as_deref().map_or(Ok(Account::of_chain(here)), |to| live.account(to))?;
            let claim = Operation::Claim { chain: from, to, amount: self.amount };
            let settled = live.submit(here, vec![Transaction::Execute(claim)]).await?;
            Ok(Claimed { from, to, amount: self.amount, settled })
        })?;
        context.output.report(&claimed)
    }
}

impl fmt::Display for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = style::strong(human::amount(self.amount));
        writeln!(f, "asked {} to pay {amount} tokens to {}", human::short(self.from), self.to)?;
        self.settled.fmt(f)
    }
}
