//! `myceline bench open-chains`: many chains open chains.

use super::{
    lanes::Work,
    purse::{Purse, open_chain},
    run::{Common, Scenario},
    transfers::send,
};
use crate::{CliError, Context};
use myceline_types::Amount;
use std::sync::Arc;

/// Open chains: one in each block of many chains, or many in a block
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline bench open-chains --dir mynet                                           one in each block, from 100 chains
  myceline bench open-chains --dir mynet --chains 4 --transactions-per-block 250   many in a block")]
pub struct OpenChains {
    /// Chains that open others
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = super::chains())]
    chains: u32,
    /// Chains opened by each block
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::transactions())]
    transactions_per_block: u32,
    #[command(flatten)]
    common: Common,
}

impl OpenChains {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (chains, transactions) = (super::as_usize(self.chains), super::as_usize(self.transactions_per_block));
        let scenario = Scenario { name: "open-chains", chains, transactions };
        self.common.run(&scenario, context, async |scene| {
            let lanes = scene.chains.iter().take(chains).map(|chain| vec![*chain]).collect();
            send(scene, lanes, openings(scene.purse.clone(), transactions)).await
        })
    }
}

/// So many chains, with the owner of the chain that opens them and nothing in them.
fn openings(purse: Arc<Purse>, count: usize) -> Work {
    Arc::new(move |lane, _| vec![open_chain(purse.owner(lane), Amount::ZERO); count])
}
