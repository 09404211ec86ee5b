//! `myceline balance`: what is in an account, as this wallet has seen its chain.

use crate::{
    CliError, Context,
    output::{human, style},
};
use myceline_types::{Account, Amount, Holder};
use serde::Serialize;
use std::fmt;

/// Show what is in an account
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline balance                   of the default chain
  myceline balance --chain savings   of another one
  myceline sync && myceline balance  after taking in what others sent")]
pub struct Balance {
    /// The chain [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Whose account on it: chain, or an owner
    #[arg(long, value_name = "HOLDER", default_value = "chain")]
    holder: Holder,
}

/// What there is.
#[derive(Serialize)]
struct Shown {
    account: Account,
    balance: Amount,
}

impl Balance {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Balance { chain, holder } = self;
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(chain.as_deref())?;
            let balance = live.node.balance(chain, holder).await?;
            Ok(Shown { account: Account { chain, holder }, balance })
        })?;
        context.output.report(&shown)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", style::strong(human::amount(self.balance)))
    }
}
