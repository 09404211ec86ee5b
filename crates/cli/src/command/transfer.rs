//! `myceline transfer`: sends tokens to an account, here or on another chain.

use crate::{
    CliError, Context,
    output::{human, style},
};
use myceline_types::{Account, Amount, BlockHeight, ChainId, Holder, Operation, Transaction};
use serde::Serialize;
use std::fmt;

/// Send tokens to another chain or account
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline transfer 5 --to 29c8121d…            to a chain
  myceline transfer 0.5 --to CHAIN/ed25519:…    to an owner's account on a chain
  myceline transfer 5 --to savings --chain main between chains of the wallet, by their names")]
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
}

/// What was done.
#[derive(Serialize)]
struct Sent {
    from: ChainId,
    to: Account,
    amount: Amount,
    height: BlockHeight,
    preconfirmed_ms: f64,
    final_ms: f64,
}

impl Transfer {
    /// Sends them.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Transfer { amount, to, chain, holder } = self;
        let sent = context.with_wallet(async |live| {
            let from = live.chain(chain.as_deref())?;
            let to = match live.wallet.find(&to) {
                Ok(chain) => Account::of_chain(chain),
                Err(error) => to.parse().map_err(|_| error)?,
            };
            let transfer = Transaction::Execute(Operation::Transfer { from: holder, to, amount });
            let settled = live.submit(from, vec![transfer]).await?;
            let (height, preconfirmed_ms, final_ms) = (settled.height, settled.preconfirmed_ms, settled.final_ms);
            Ok(Sent { from, to, amount, height, preconfirmed_ms, final_ms })
        })?;
        context.output.report(&sent)
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = style::strong(human::amount(self.amount));
        writeln!(f, "{amount} tokens from {} to {}", human::short(self.from), self.to)?;
        write!(
            f,
            "pre-confirmed after {:.1} ms, final after {:.1} ms, in block {}",
            self.preconfirmed_ms, self.final_ms, self.height
        )
    }
}
