//! `myceline bench latency`: one block after the other on a network that has nothing else to do.

use super::{
    run::{Common, Scenario},
    transfers::{payments, send},
};
use crate::{CliError, Context};

/// Send one transfer after the other, and nothing else at the same time
#[derive(Debug, clap::Args)]
pub struct Latency {
    /// Chains of the wallet, which take turns
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::chains())]
    chains: u32,
    #[command(flatten)]
    common: Common,
}

impl Latency {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let chains = super::as_usize(self.chains);
        let scenario = Scenario { name: "latency", chains, transactions: 1 };
        self.common.run(&scenario, context, async |scene| {
            let turns = scene.chains.iter().take(chains).copied().collect();
            send(scene, vec![turns], payments(scene.chains.clone(), 1)).await
        })
    }
}
