//! Lanes: each submits one block after the other, the next as soon as the former is final, and all of them at once. What
//! becomes final inside the window is measured.

use super::{
    ground::{BenchClient, Ground, Sample},
    purse::Purse,
};
use crate::{CliError, Code};
use myceline_node::rows::RequestId;
use myceline_types::{BlockHash, BlockHeight, ChainId, Transaction};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Of the window, so much goes by before it without being measured: caches fill and batches find their size.
pub(super) const WARM_UP_PART: u32 = 10;

/// What is to be done, by whom, and for how long.
pub(super) struct Load {
    /// The chains of each lane, which it takes in turn.
    pub(super) lanes: Vec<Vec<ChainId>>,
    /// How long is measured.
    pub(super) window: Duration,
    /// What a lane's block at one of its turns does.
    pub(super) work: Work,
}

/// What a lane's block at one of its turns does.
pub(super) type Work = Arc<dyn Fn(usize, usize) -> Vec<Transaction> + Send + Sync>;

/// What came of it.
pub(super) struct Driven {
    /// All blocks, those before and after the window too.
    pub(super) blocks: Vec<Made>,
    /// When the window opened, and what had been used until then.
    pub(super) from: Sample,
    /// When it closed.
    pub(super) to: Sample,
}

/// A block that became final.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// Of which chain.
    pub(super) chain: ChainId,
    /// At which height.
    pub(super) height: BlockHeight,
    /// Which one.
    pub(super) hash: BlockHash,
    /// When it was known to be final.
    pub(super) at: Instant,
    /// How long it took, where the load asked for it; others only take in what was sent.
    pub(super) took: Option<Took>,
    /// Chains that it opened.
    pub(super) opened: Vec<ChainId>,
}

/// How long a block took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took {
    /// From submission until it was executed here.
    pub(super) preconfirmed: Duration,
    /// From submission until it was final.
    pub(super) settled: Duration,
}

impl Driven {
    /// The blocks that became final inside the window.
    pub(super) fn measured(&self) -> impl Iterator<Item = &Made> {
        self.blocks.iter().filter(|made| (self.from.at..self.to.at).contains(&made.at))
    }

    /// How long the window was.
    pub(super) fn window(&self) -> Duration {
        self.to.at - self.from.at
    }
}

/// Drives all lanes through the window, and waits for what they have begun by its end.
pub(super) async fn drive(
    ground: &Ground,
    client: &BenchClient,
    purse: &Arc<Purse>,
    load: Load,
) -> Result<Driven, CliError> {
    let Load { lanes, window, work } = load;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for (index, chains) in lanes.into_iter().enumerate() {
        let (client, purse, work, is_over) = (client.clone(), purse.clone(), work.clone(), is_over.clone());
        let lane = Lane { index, chains, client, purse, work, is_over };
        tasks.spawn(Box::pin(lane.run()));
    }
    expect_all_to_run(&mut tasks, window / WARM_UP_PART).await?;
    let from = ground.sample()?;
    expect_all_to_run(&mut tasks, window).await?;
    let to = ground.sample()?;
    is_over.store(true, Ordering::Relaxed);
    let mut blocks = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        blocks.extend(ended.map_err(|why| CliError::telling(Code::General, &why))??);
    }
    Ok(Driven { blocks, from, to })
}

/// Waits. A lane that ends meanwhile says why.
async fn expect_all_to_run(tasks: &mut JoinSet<Result<Vec<Made>, CliError>>, time: Duration) -> Result<(), CliError> {
    match tokio::time::timeout(time, tasks.join_next()).await {
        Err(_) => Ok(()),
        Ok(Some(Ok(Err(why)))) => Err(why),
        Ok(_) => Err(CliError::new(Code::General, "a part of the load ended by itself")),
    }
}

struct Lane {
    index: usize,
    chains: Vec<ChainId>,
    client: BenchClient,
    purse: Arc<Purse>,
    work: Work,
    is_over: Arc<AtomicBool>,
}

impl Lane {
    async fn run(self) -> Result<Vec<Made>, CliError> {
        let (mut blocks, lane) = (Vec::new(), u32::try_from(self.index).unwrap_or(u32::MAX));
        for (turn, chain) in (0..).zip(self.chains.iter().cycle()) {
            if self.is_over.load(Ordering::Relaxed) {
                break;
            }
            let wanted = (self.work)(self.index, blocks.len());
            blocks.push(make(&self.client, *chain, self.purse.request(lane, turn), wanted).await?);
        }
        Ok(blocks)
    }
}

/// Makes a block and waits until it is final.
pub(super) async fn make(
    client: &BenchClient,
    chain: ChainId,
    request: RequestId,
    wanted: Vec<Transaction>,
) -> Result<Made, CliError> {
    let begun = Instant::now();
    let submission = client.submit(chain, request, wanted, Vec::new()).await?;
    let preconfirmed = begun.elapsed();
    let block = submission.finality().await?;
    let at = Instant::now();
    let took = Some(Took { preconfirmed, settled: at - begun });
    Ok(Made { chain, height: block.height(), hash: block.hash(), at, took, opened: block.opened() })
}
