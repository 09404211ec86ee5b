//! `myceline sync`: brings the wallet's chains up to date, takes in what others sent, and lets applications look at new events of
//! the streams that they follow.

use crate::{
    CliError, Context,
    output::{Table, human, table::Column},
};
use myceline_types::{Amount, BlockHeight, ChainId, Holder};
use serde::Serialize;
use std::fmt;

/// Bring chains up to date and take in what others sent
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline sync                   all chains of the wallet
  myceline sync --chain savings   one of them")]
pub struct Sync {
    /// Only this chain
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// Where the chains stand.
#[derive(Serialize)]
struct Synced {
    chains: Vec<SyncedChain>,
}

/// Where a chain stands.
#[derive(Serialize)]
struct SyncedChain {
    chain: ChainId,
    next_height: BlockHeight,
    is_current: bool,
    blocks_made: usize,
    balance: Amount,
}

impl Sync {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let progress = context.output.progress("synchronising", None);
        let synced = context.with_wallet(async |live| {
            let chains: Vec<ChainId> = match &self.chain {
                Some(named) => vec![live.chain(Some(named))?],
                None => live.wallet.chains().keys().copied().collect(),
            };
            let mut synced = Vec::new();
            for chain in chains {
                let is_current = live.node.sync(chain).await?.is_current;
                let owned = live.wallet.chains().get(&chain).is_some_and(|known| known.owner.is_some());
                let blocks_made = if owned { live.node.receive(chain).await?.len() } else { 0 };
                if owned {
                    live.node.deliver(chain).await?;
                }
                let next_height = live.node.next_height(chain).await?;
                let balance = live.node.balance(chain, Holder::Chain).await?;
                synced.push(SyncedChain { chain, next_height, is_current, blocks_made, balance });
                progress.advance(1);
            }
            Ok(Synced { chains: synced })
        })?;
        drop(progress);
        context.output.report(&synced)
    }
}

impl fmt::Display for Synced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [Column::Left("chain"), Column::Right("blocks"), Column::Right("new"), Column::Right("tokens")];
        let mut table = Table::new(columns);
        for chain in &self.chains {
            let at_least = if chain.is_current { "" } else { "at least " };
            table.row([
                human::short(chain.chain),
                format!("{at_least}{}", chain.next_height),
                chain.blocks_made.to_string(),
                human::amount(chain.balance),
            ]);
        }
        write!(f, "{table}")
    }
}
