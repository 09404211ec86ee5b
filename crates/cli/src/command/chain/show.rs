//! `myceline chain show`: where a chain comes from, where it stands, and who may do what on it.

use super::describe::{Permitted, Proposers};
use crate::{
    CliError, Code, Context,
    live::LiveWallet,
    output::{human, style},
};
use myceline_service::call::ChainView;
use myceline_types::{Amount, BlockHash, BlockHeight, ChainId, Epoch, Origin, Ownership, Permissions};
use serde::Serialize;
use std::fmt;

/// Show a chain: origin, height, balance, owners and permissions
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain show             the default chain
  myceline chain show CHAIN       any chain of the network, read now and not kept in the wallet's list")]
pub struct Show {
    /// The chain [default: the wallet's default chain]
    chain: Option<String>,
}

/// What is known of a chain.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    name: Option<String>,
    origin: Origin,
    epoch: Epoch,
    next_height: BlockHeight,
    last_block: Option<BlockHash>,
    /// Whether enough validators say that there is no later block.
    is_current: bool,
    is_closed: bool,
    balance: Amount,
    ownership: Ownership,
    permissions: Permissions,
}

impl Show {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let output = context.output;
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let is_current = match live.node.sync(chain).await {
                Ok(synced) => synced.is_current,
                Err(failure) if failure.code == Code::Unreachable => {
                    output.note("no validator answers: this is what the wallet has seen");
                    false
                }
                Err(error) => return Err(error.into()),
            };
            read(&live, chain, is_current).await
        })?;
        context.output.report(&shown)
    }
}

async fn read(live: &LiveWallet, chain: ChainId, is_current: bool) -> Result<Shown, CliError> {
    let ChainView { origin, epoch, next, tip, is_closed, balance, ownership, permissions, .. } =
        live.node.chain(chain).await?;
    let lost = || CliError::new(Code::NotFound, "it is not known here where the chain comes from");
    Ok(Shown {
        chain,
        name: live.wallet.chains().get(&chain).and_then(|known| known.name.clone()),
        origin: origin.ok_or_else(lost)?,
        epoch,
        next_height: next,
        last_block: tip,
        is_current,
        is_closed,
        balance,
        ownership,
        permissions,
    })
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
        let closed = if self.is_closed { style::bad("  closed") } else { String::new() };
        writeln!(f, "{}{name}{closed}", style::strong(self.chain))?;
        match self.origin {
            Origin::Root { index, .. } => writeln!(f, "origin       chain {index} of the genesis")?,
            Origin::Child { parent, height, .. } => {
                writeln!(f, "origin       opened by chain {} in block {height}", human::short(parent))?;
            }
        }
        let at_least = if self.is_current { "" } else { "at least " };
        writeln!(f, "blocks       {at_least}{}", self.next_height)?;
        if let Some(block) = self.last_block {
            writeln!(f, "last block   {block}")?;
        }
        writeln!(f, "balance      {} tokens", human::amount(self.balance))?;
        writeln!(f, "{}", Proposers(&self.ownership))?;
        write!(f, "{}", Permitted(&self.permissions))
    }
}
