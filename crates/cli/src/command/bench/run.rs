//! The shape of every run: prepare, measure what the load does inside a window, and check everything again.

use super::{
    disk,
    figures::share,
    ground::{BenchClient, Ground, Sample},
    lanes::{Driven, Made, Took},
    purse::Purse,
    recheck::{self, Left},
    report::{Counted, Findings, Report, Setting},
};
use crate::{CliError, Code, Context, output::Progress};
use futures_util::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream};
use myceline_types::{Amount, ChainId};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

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
    /// Loads the network.
    pub(super) client: BenchClient,
    /// The network.
    pub(super) ground: Ground,
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

/// What only a scenario can check, when everything has come to rest and all bundles were taken in.
pub(super) type Check = Box<dyn for<'a> FnOnce(&'a Scene) -> BoxFuture<'a, Result<(), CliError>> + Send>;

/// What a scenario has done: the load, and times that only it knows.
pub(super) struct Outcome {
    /// The load.
    pub(super) driven: Driven,
    /// From submission to spendable at the other chain, in milliseconds.
    pub(super) received_ms: Vec<f64>,
    /// From submission until a contract that takes long is final, in milliseconds.
    pub(super) contract_ms: Vec<f64>,
    /// Bytes of memory that each validator keeps for each chain that nobody uses.
    pub(super) rss_bytes_per_idle_chain: Option<f64>,
    /// What else must hold.
    pub(super) afterwards: Option<Check>,
}

/// How things were before the load.
struct Before {
    /// How long small appends took to be durable, in milliseconds.
    fsync_ms: Vec<f64>,
    /// What had been used when the run began.
    used: Sample,
    /// What the chains of the run and the bank had together.
    supply: Amount,
    /// What each validator's store took, tidied up.
    stored: u64,
}

impl From<Driven> for Outcome {
    fn from(driven: Driven) -> Outcome {
        Outcome {
            driven,
            received_ms: Vec::new(),
            contract_ms: Vec::new(),
            rss_bytes_per_idle_chain: None,
            afterwards: None,
        }
    }
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
        // Stores are closed when the runtime has ended, and only then may their folder go.
        let _scratch = ground.scratch.clone();
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
        ground: Ground,
        context: &Context,
        act: impl AsyncFnOnce(&Scene) -> Result<Outcome, CliError>,
    ) -> Result<Report, CliError> {
        let progress = context.output.progress("timing fsync", None);
        let (mut scene, before) = self.prepare(scenario, ground, &progress).await?;
        progress.say(format!("measuring {}", scenario.name));
        let stopped = scene.ground.stop_validators(self.dead)?;
        let outcome = act(&scene).await?;
        drop(stopped);
        let setting = Setting {
            scenario: scenario.name,
            validators: scene.ground.validators(),
            dead: self.dead,
            chains: scenario.chains,
            transactions_per_block: scenario.transactions,
        };
        scene.conclude(setting, before, outcome, &progress).await
    }

    /// Opens the chains of the run, and notes how things are before the load.
    async fn prepare(
        &self,
        scenario: &Scenario,
        ground: Ground,
        progress: &Progress,
    ) -> Result<(Scene, Before), CliError> {
        let (fsync_ms, used) = (disk::sync_times(&ground.dir)?, ground.sample()?);
        let purse = Arc::new(Purse::new(scenario.chains.max(CHAINS_MIN))?);
        let client = ground.client("store", purse.secrets())?;
        let chains = purse.open(&ground, &client, progress).await?.into();
        let scene = Scene { client, ground, purse, chains, window: self.duration };
        let supply = recheck::supply(&scene.client, &scene.chains_and_bank()).await?;
        let stored = scene.ground.tidy_store_bytes(progress)?;
        Ok((scene, Before { fsync_ms, used, supply, stored }))
    }
}

impl Scene {
    /// Lets everything come to rest, checks it again, and puts the figures together.
    async fn conclude(
        &self,
        setting: Setting,
        before: Before,
        outcome: Outcome,
        progress: &Progress,
    ) -> Result<Report, CliError> {
        let Outcome { driven, received_ms, contract_ms, rss_bytes_per_idle_chain, afterwards } = outcome;
        let Before { fsync_ms, used, supply, stored } = before;
        self.come_to_rest(&driven.blocks).await?;
        let grown = self.ground.tidy_store_bytes(progress)?.saturating_sub(stored);
        let opened = driven.blocks.iter().flat_map(|made| &made.opened).copied();
        let chains = self.chains_and_bank().into_iter().chain(opened).collect();
        let left = Left { ground: &self.ground, client: &self.client, chains, supply, blocks: &driven.blocks };
        let checked = left.check(progress).await?;
        if let Some(check) = afterwards {
            check(self).await?;
        }
        let findings = Findings {
            window: driven.window(),
            counted: Counted { received_ms, contract_ms, ..count(&setting, &driven) },
            resident_at_start: used.validators.iter().map(|usage| usage.resident).collect(),
            used: driven.to.since(&driven.from),
            store_bytes_per_block: share(grown, as_u64(driven.blocks.len())),
            rss_bytes_per_idle_chain,
            fsync_ms,
            checked,
            setting,
        };
        Ok(findings.into())
    }

    fn chains_and_bank(&self) -> Vec<ChainId> {
        self.chains.iter().copied().chain([self.ground.bank]).collect()
    }

    /// Shows every chain's last certificate to all validators, so that nothing of the run is under way any more.
    async fn come_to_rest(&self, blocks: &[Made]) -> Result<(), CliError> {
        let chains: BTreeSet<ChainId> = blocks.iter().map(|made| made.chain).collect();
        let shown = chains.into_iter().map(|chain| async move { Ok(self.client.deliver(chain).await?) });
        stream::iter(shown).buffer_unordered(TOGETHER).try_collect().await
    }
}

/// What happened inside the window.
fn count(setting: &Setting, driven: &Driven) -> Counted {
    let measured: Vec<&Made> = driven.measured().collect();
    let took: Vec<Took> = measured.iter().filter_map(|made| made.took).collect();
    let millis = |time: fn(&Took) -> Duration| took.iter().map(|took| time(took).as_secs_f64() * 1_000.0).collect();
    Counted {
        blocks: as_u64(measured.len()),
        transactions: as_u64(took.len() * setting.transactions_per_block),
        opened: measured.iter().map(|made| as_u64(made.opened.len())).sum(),
        preconfirmed_ms: millis(|took| took.preconfirmed),
        final_ms: millis(|took| took.settled),
        received_ms: Vec::new(),
        contract_ms: Vec::new(),
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
