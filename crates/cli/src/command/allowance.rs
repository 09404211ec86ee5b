//! `myceline allowance`: what somebody may still spend from an account, as this wallet has seen its chain.

use crate::{
    CliError, Context,
    output::{human, style},
};
use myceline_types::{Amount, ChainId, Owner};
use serde::Serialize;
use std::fmt;

/// Show what somebody may still spend from an account
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline allowance --owner ed25519:… --spender ed25519:… --chain shop")]
pub struct Allowance {
    /// Whose account it is
    #[arg(long)]
    owner: Owner,
    /// Who may spend
    #[arg(long, value_name = "OWNER")]
    spender: Owner,
    /// The chain with the account [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What is allowed.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    owner: Owner,
    spender: Owner,
    amount: Amount,
}

impl Allowance {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Allowance { owner, spender, chain } = self;
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(chain.as_deref())?;
            let amount = live.node.allowance(chain, owner, spender).await?;
            Ok(Shown { chain, owner, spender, amount })
        })?;
        context.output.report(&shown)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", style::strong(human::amount(self.amount)))
    }
}
