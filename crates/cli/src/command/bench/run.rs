//! The shape of every run: prepare, measure what the load does inside a window, and check everything again.

use super::{
    disk,
    figures::share,
    ground::{BenchClient, Ground, Sample},
    lanes::{Driven, Made},
    purse::Purse,
    recheck::{self, Checked, Left},
    report::{Counted, Findings, Report, Setting},
};
use crate::{CliError, Code, Context};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use myceline_types::ChainId;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Fewer chains than this have nobody to send to.
const CHAINS_MIN: usize = 2;
/// Certificates that are shown at once when a run ends.
const TOGETHER: usize = 16;

/// What every scenario understands.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Common {
    /// The folder of a running network: myceline net up --validators 4 --dir DIR
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How long to measure
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = humantime::parse_duration)]
    duration: Duration,
    /// Stop so many validators for the time of the measurement
    #[arg(long, value_name = "N", default_value_t = 0)]
    dead: usize,
}

/// What a scenario is run with.
pub(super) struct Scene {
    /// The network.
    pub(super) ground: Ground,
    /// Loads it.
    pub(super) client: BenchClient,
    /// Whose the chains are.
    pub(super) purse: Arc<Purse>,
    /// The chains of the run.
    pub(super) chains: Arc<[ChainId]>,
    /// How long to measure.
    pub(super) window: Duration,
}

/// What a scenario is.
pub(super) struct Scenario {
    /// Its name.
    pub(super) name: &'static str,
    /// Chains that take part.
    pub(super) chains: usize,
    /// Transactions of each block.
    pub(super) transactions: usize,
}

/// What a scenario has done: the load, and times that only it knows.
pub(super) struct Outcome {
    /// The load.
    pub(super) driven: Driven,
    /// From submission to spendable at the other chain, in milliseconds.
    pub(super) received_ms: Vec<f64>,
}

impl Common {
    /// Runs a scenario and reports what it has shown.
    pub(super) fn run(
        self,
        scenario: &Scenario,
        context: &Context,
        act: impl AsyncFnOnce(&Scene) -> Result<Outcome, CliError>,
    ) -> Result<(), CliError> {
        let ground = Ground::find(&self.dir, context)?;
        self.check(&ground)?;
        let runtime = crate::live::runtime()?;
        let report = runtime.block_on(async {
            tokio::select! {
                report = Box::pin(self.measure(scenario, ground, context, act)) => report,
                // Leaving by itself, the program wakes what it has stopped and removes what it has written.
                _ = tokio::signal::ctrl_c() => Err(CliError::new(Code::General, "interrupted")),
            }
        })?;
        context.output.report(&report)
    }

    fn check(&self, ground: &Ground) -> Result<(), CliError> {
        if self.duration.is_zero() {
            return Err(CliError::new(Code::Usage, "nothing happens in no time").hint("--duration 15s"));
        }
        if self.dead >= ground.validators() {
            return Err(CliError::new(Code::Usage, "somebody must be left to answer").hint("--dead 1"));
        }
        Ok(())
    }

    async fn measure(
        self,
        scenario: &Scenario,
        mut ground: Ground,
        context: &Context,
        act: impl AsyncFnOnce(&Scene) -> Result<Outcome, CliError>,
    ) -> Result<Report, CliError> {
        let progress = context.output.progress("timing fsync", None);
        let fsync_ms = disk::sync_times(&ground.dir)?;
        let purse = Arc::new(Purse::new(scenario.chains.max(CHAINS_MIN))?);
        let client = ground.client("store", purse.secrets())?;
        let chains: Arc<[ChainId]> = purse.open(&ground, &client, &progress).await?.into();
        let all: Vec<ChainId> = chains.iter().copied().chain([ground.bank]).collect();
        let supply = recheck::supply(&client, &all).await?;
        let stored = ground.tidy_store_bytes(&progress)?;
        progress.say(format!("measuring {}", scenario.name));
        let stopped = ground.stop_validators(self.dead)?;
        let scene = Scene { ground, client, purse, chains, window: self.duration };
        let Outcome { driven, received_ms } = act(&scene).await?;
        drop(stopped);
        scene.come_to_rest(&driven.blocks).await?;
        let grown = scene.ground.tidy_store_bytes(&progress)?.saturating_sub(stored);
        let opened = driven.blocks.iter().flat_map(|made| &made.opened);
        let chains = all.into_iter().chain(opened.copied()).collect();
        let left = Left { ground: &scene.ground, client: &scene.client, chains, supply, blocks: &driven.blocks };
        let checked = left.check(&progress).await?;
        let setting = Setting {
            scenario: scenario.name,
            validators: scene.ground.validators(),
            dead: self.dead,
            chains: scenario.chains,
            transactions_per_block: scenario.transactions,
        };
        Ok(findings(setting, &driven, received_ms, grown, fsync_ms, checked).into())
    }
}

impl Scene {
    /// Shows every chain's last certificate to all validators, so that nothing of the run is under way any more.
    async fn come_to_rest(&self, blocks: &[Made]) -> Result<(), CliError> {
        let chains: std::collections::BTreeSet<ChainId> = blocks.iter().map(|made| made.chain).collect();
        let shown = chains.into_iter().map(|chain| async move { Ok(self.client.deliver(chain).await?) });
        stream::iter(shown).buffer_unordered(TOGETHER).try_collect().await
    }
}

fn findings(
    setting: Setting,
    driven: &Driven,
    received_ms: Vec<f64>,
    grown: u64,
    fsync_ms: Vec<f64>,
    checked: Checked,
) -> Findings {
    let all = u64::try_from(driven.blocks.len()).unwrap_or(u64::MAX);
    let used: Sample = driven.to.since(&driven.from);
    Findings {
        window: driven.window(),
        counted: count(&setting, driven, received_ms),
        used,
        store_bytes_per_block: share(grown, all),
        rss_bytes_per_idle_chain: None,
        fsync_ms,
        checked,
        setting,
    }
}

fn count(setting: &Setting, driven: &Driven, received_ms: Vec<f64>) -> Counted {
    let measured: Vec<&Made> = driven.measured().collect();
    let as_u64 = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let times = |time: fn(&Made) -> Duration| measured.iter().map(|made| time(made).as_secs_f64() * 1_000.0).collect();
    Counted {
        blocks: as_u64(measured.len()),
        transactions: as_u64(measured.len() * setting.transactions_per_block),
        opened: measured.iter().map(|made| as_u64(made.opened.len())).sum(),
        preconfirmed_ms: times(|made| made.preconfirmed),
        final_ms: times(|made| made.settled),
        received_ms,
    }
}
