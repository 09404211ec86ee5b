//! `myceline wallet show`: the network and the chains of a wallet.

use crate::{
    CliError, Context,
    output::{Table, human, style, table::Column},
    wallet::{Wallet, WalletChain},
};
use myceline_types::{ApplicationId, ChainId, NetworkId};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// Show the wallet's network and chains
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline wallet show")]
pub struct Show {}

/// What is in it.
#[derive(Serialize)]
struct Shown {
    name: String,
    network: NetworkId,
    default_chain: Option<ChainId>,
    chains: BTreeMap<ChainId, WalletChain>,
    applications: BTreeMap<String, ApplicationId>,
}

impl Show {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let wallet = Wallet::open(&context.folder)?;
        context.output.report(&Shown {
            name: wallet.genesis().name.clone(),
            network: wallet.genesis().network(),
            default_chain: wallet.default_chain().ok(),
            chains: wallet.chains().clone(),
            applications: wallet.applications().clone(),
        })
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Network {} ({})", style::strong(&self.name), human::short(self.network))?;
        let mut table = Table::new([Column::Left("name"), Column::Left("chain"), Column::Left("owner")]);
        for (id, chain) in &self.chains {
            let default = if self.default_chain == Some(*id) { " (default)" } else { "" };
            let name = chain.name.clone().unwrap_or_default() + default;
            let owner = chain.owner.map(human::short).unwrap_or_default();
            table.row([name, id.to_string(), owner]);
        }
        write!(f, "{table}")?;
        for (name, id) in &self.applications {
            write!(f, "\napplication {name}  {id}")?;
        }
        Ok(())
    }
}
