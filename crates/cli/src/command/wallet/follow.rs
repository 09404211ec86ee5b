//! `myceline wallet follow`: takes chains into the wallet, after reading them. Those that its keys own it can act for.

use crate::{
    CliError, Context,
    live::LiveWallet,
    output::{Table, human, table::Column},
    wallet::WalletChain,
};
use myceline_types::{Amount, BlockHeight, ChainId, Holder, Owner};
use serde::Serialize;
use std::{collections::BTreeSet, fmt};

/// Take a chain into the wallet, or all chains that its keys own
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline wallet follow CHAIN --name shop    one that is somebody else's, or one's own
  myceline wallet follow                      all chains that validators know for the keys of this wallet")]
pub struct Follow {
    /// The chain's id [default: all chains that the wallet's keys own]
    chain: Option<ChainId>,
    /// What the wallet calls it
    #[arg(long, requires = "chain")]
    name: Option<String>,
}

/// What is followed from now on.
#[derive(Serialize)]
struct Following {
    chains: Vec<FollowedChain>,
}

/// A chain that is followed from now on.
#[derive(Serialize)]
pub(super) struct FollowedChain {
    chain: ChainId,
    pub(super) owner: Option<Owner>,
    next_height: BlockHeight,
    pub(super) balance: Amount,
}

impl Follow {
    /// Follows them.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let chains = context.with_wallet(async |live| {
            let wanted = match self.chain {
                Some(chain) => BTreeSet::from([chain]),
                None => own_chains(&live).await?,
            };
            let mut chains = Vec::new();
            for chain in wanted {
                let read = read(&live, chain).await?;
                let before = live.wallet.chains().get(&chain).cloned().unwrap_or_default();
                let name = self.name.clone().or(before.name);
                live.keep(chain, WalletChain { name, owner: read.owner }).await?;
                chains.push(read);
            }
            Ok(chains)
        })?;
        context.output.report(&Following { chains })
    }
}

/// The chains that the wallet's keys may propose on.
async fn own_chains(live: &LiveWallet) -> Result<BTreeSet<ChainId>, CliError> {
    let mut chains = BTreeSet::new();
    for owner in &live.owners {
        chains.extend(live.node.chains_of(*owner).await?);
    }
    Ok(chains)
}

/// Reads a chain: it counts when its own blocks say so.
pub(super) async fn read(live: &LiveWallet, chain: ChainId) -> Result<FollowedChain, CliError> {
    let next_height = live.node.sync(chain).await?.next;
    let owners = live.node.chain(chain).await?.ownership.all_owners();
    let owner = owners.into_iter().find(|owner| live.owners.contains(owner));
    Ok(FollowedChain { chain, owner, next_height, balance: live.node.balance(chain, Holder::Chain).await? })
}

impl fmt::Display for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.chains.is_empty() {
            return write!(f, "No validator knows a chain of the keys in this wallet");
        }
        let columns =
            [Column::Left("chain"), Column::Left("owner here"), Column::Right("blocks"), Column::Right("tokens")];
        let mut table = Table::new(columns);
        for chain in &self.chains {
            let owner = chain.owner.map_or("nobody".into(), human::short);
            table.row([human::short(chain.chain), owner, chain.next_height.to_string(), human::amount(chain.balance)]);
        }
        write!(f, "{table}")
    }
}
