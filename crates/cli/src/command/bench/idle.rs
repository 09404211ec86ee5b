//! `myceline bench idle`: what validators keep in memory for chains that nobody uses.
//!
//! Chains are used once and left alone until validators have let go of them. The first half of them also makes whatever a
//! validator makes once for all chains, so what the second half adds is what chains cost.

use super::{
    figures::share,
    ground::Sample,
    lanes::{Driven, Made, make},
    purse::pay,
    run::{Common, Outcome, Scenario, Scene},
};
use crate::{CliError, Context};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

/// Chains that are used at once.
const TOGETHER: usize = 64;

/// Use many chains once, leave them alone for the duration, and see what is still in memory
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline bench idle --dir mynet --duration 60s   after 20 s without use a chain leaves memory, at the latest 20 s later")]
pub struct Idle {
    /// Chains that are used
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = super::chains())]
    chains: u32,
    #[command(flatten)]
    common: Common,
}

impl Idle {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let scenario = Scenario { name: "idle", chains: super::as_usize(self.chains), transactions: 1 };
        self.common.run(&scenario, context, async |scene| {
            let half = scene.chains.len() / 2;
            let mut blocks = use_chains(scene, 0..half).await?;
            tokio::time::sleep(scene.window).await;
            let first = scene.ground.sample()?;
            blocks.extend(use_chains(scene, half..scene.chains.len()).await?);
            let from = scene.ground.sample()?;
            tokio::time::sleep(scene.window).await;
            let to = scene.ground.sample()?;
            let rss_bytes_per_idle_chain = growth(&first, &to, scene.chains.len() - half);
            Ok(Outcome { rss_bytes_per_idle_chain, ..Driven { blocks, from, to }.into() })
        })
    }
}

/// Makes one block on each of these chains.
async fn use_chains(scene: &Scene, range: std::ops::Range<usize>) -> Result<Vec<Made>, CliError> {
    let blocks = range.map(|index| async move {
        let to = scene.chains[(index + 1) % scene.chains.len()];
        let request = scene.purse.request(u32::try_from(index).unwrap_or(u32::MAX), 0);
        make(&scene.client, scene.chains[index], request, vec![pay(to)]).await
    });
    stream::iter(blocks).buffer_unordered(TOGETHER).try_collect().await
}

/// What each of so many chains has added to the memory of a validator. It may have shrunk, which counts as nothing.
fn growth(before: &Sample, after: &Sample, chains: usize) -> Option<f64> {
    let resident = |sample: &Sample| sample.validators.iter().map(|usage| usage.resident).sum::<u64>();
    let parts = u64::try_from(chains * after.validators.len()).unwrap_or(u64::MAX);
    share(resident(after).saturating_sub(resident(before)), parts)
}
