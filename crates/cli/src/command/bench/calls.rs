//! `myceline bench calls`: blocks that call an application on Wasm, the counter of the examples.

use super::{
    application::{Application, Wanted},
    lanes::{Driven, Load, drive},
    run::{Common, Outcome, Scenario, Scene},
};
use crate::{CliError, Code, Context};
use myceline_types::ChainId;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Call an application on Wasm, one block after the other on each chain
#[derive(Debug, clap::Args)]
pub struct Calls {
    /// Chains that call it at once, each its own instance
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::chains())]
    chains: u32,
    /// Calls in each block
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::transactions())]
    transactions_per_block: u32,
    /// Another project than the counter of the examples, of the same interface
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Calls {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (chains, transactions) = (super::as_usize(self.chains), super::as_usize(self.transactions_per_block));
        let scenario = Scenario { name: "calls", chains, transactions };
        self.common.run(&scenario, context, async |scene| {
            let project = self.project.as_deref();
            let wanted = Wanted { example: "counter", project, parameters: None, argument: "0" };
            let counter = Application::make(scene, wanted).await?;
            let call = counter.call(r#"{"Increment": {"by": 1}}"#)?;
            let lanes = scene.chains.iter().take(chains).map(|chain| vec![*chain]).collect();
            let work = Arc::new(move |_, _| vec![call.clone(); transactions]);
            let load = Load { lanes, window: scene.window, work };
            let driven = drive(&scene.ground, &scene.client, &scene.purse, load).await?;
            check_counts(scene, &counter, &driven, transactions).await?;
            Ok(Outcome::from(driven))
        })
    }
}

/// Every chain has counted every call on it.
async fn check_counts(
    scene: &Scene,
    counter: &Application,
    driven: &Driven,
    transactions: usize,
) -> Result<(), CliError> {
    let mut expected: BTreeMap<ChainId, u64> = BTreeMap::new();
    for made in &driven.blocks {
        *expected.entry(made.chain).or_default() += transactions as u64;
    }
    for (chain, calls) in expected {
        let answer = counter.ask(&scene.client, chain, "{ value }").await?;
        let counted = &answer["data"]["value"];
        if counted.as_u64() != Some(calls) {
            let what = format!("chain {chain} has counted {counted} of {calls} calls");
            return Err(CliError::new(Code::General, what).hint("this run proves nothing; report it"));
        }
    }
    Ok(())
}
