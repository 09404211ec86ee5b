//! `myceline bench transfers`: many chains send to each other at once.

use super::{
    lanes::{Load, Work, drive},
    purse::pay,
    run::{Common, Outcome, Scenario, Scene},
};
use crate::{CliError, Context};
use myceline_types::ChainId;
use std::sync::Arc;

/// Send from many chains at once, each to one other after the other
#[derive(Debug, clap::Args)]
pub struct Transfers {
    /// Chains that send
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = super::chains())]
    chains: u32,
    /// Transfers in each block
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::transactions())]
    transactions_per_block: u32,
    #[command(flatten)]
    common: Common,
}

impl Transfers {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (chains, transactions) = (super::as_usize(self.chains), super::as_usize(self.transactions_per_block));
        let scenario = Scenario { name: "transfers", chains, transactions };
        self.common.run(&scenario, context, async |scene| {
            let lanes = scene.chains.iter().take(chains).map(|chain| vec![*chain]).collect();
            let work = payments(scene.chains.clone(), transactions);
            send(scene, lanes, work).await
        })
    }
}

/// Drives lanes that send.
pub(super) async fn send(scene: &Scene, lanes: Vec<Vec<ChainId>>, work: Work) -> Result<Outcome, CliError> {
    let load = Load { lanes, window: scene.window, work };
    Ok(drive(&scene.ground, &scene.client, &scene.purse, load).await?.into())
}

/// So many payments, all to one chain, and with every block to the next one. They wait in its inbox until the window is over.
pub(super) fn payments(chains: Arc<[ChainId]>, count: usize) -> Work {
    Arc::new(move |lane, turn| {
        // A step of zero would come back to the sender.
        let step = 1 + turn % (chains.len() - 1);
        vec![pay(chains[(lane + step) % chains.len()]); count]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{Hash, Operation, Transaction};
    use std::collections::BTreeSet;

    #[test]
    fn everybody_sends_to_everybody_else_in_turn() {
        let chains: Arc<[ChainId]> = (0..4u8).map(|seed| ChainId(Hash([seed; 32]))).collect();
        let work = payments(chains.clone(), 3);
        for lane in 0..chains.len() {
            let blocks: Vec<_> = (0..3).map(|turn| work(lane, turn)).collect();
            let to = |transaction: &Transaction| match transaction {
                Transaction::Execute(Operation::Transfer { to, .. }) => to.chain,
                other => panic!("{other:?}"),
            };
            assert!(blocks.iter().all(|block| block.len() == 3));
            let reached: BTreeSet<ChainId> = blocks.iter().flatten().map(to).collect();
            assert!(reached.len() == 3 && !reached.contains(&chains[lane]));
        }
    }
}
