//! Which cuts are tried, and what came of them.

use crate::{
    Run,
    dice::Dice,
    record::{RecordError, record},
    replay::{Cut, Unsynced},
    trace::{Operation, Trace},
};
use std::{
    fmt, io,
    num::NonZero,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tempfile::TempDir;

/// A run that survived all cuts.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// How many operations the run made.
    pub operations: usize,
    /// How many of them were writes.
    pub writes: usize,
    /// How many cuts were tried.
    pub cuts: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { operations, writes, cuts } = self;
        write!(
            f,
            "{cuts} cuts of a run of {operations} operations, {writes} of them writes: nothing acknowledged was lost"
        )
    }
}

/// A cut that was not survived, or a run that could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Something acknowledged was lost, or something is there in part.
    #[error("{cut}: {what}\nthe last operations were\n{before}the folder is kept in {}", folder.display())]
    Cut {
        /// The cut.
        cut: Cut,
        /// What its check said.
        what: String,
        /// The operations before it, in short.
        before: String,
        /// What the cut left, after the check.
        folder: PathBuf,
    },
    /// The run was not recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The folder of a cut could not be built.
    #[error("a cut cannot be built")]
    Replay(#[from] io::Error),
}

/// Records `run` and tries every cut of it in every way. What a cut before something is said must show, the one after it
/// must too, since it leaves the same folder: only the latter is tried.
pub fn every_cut(run: &impl Run) -> Result<Report, Broken> {
    let trace = recorded(run)?;
    let mut dice = Dice(0);
    let is_last_word = |at: &usize| !matches!(trace.operations.get(*at), Some(Operation::Say(_)));
    let cuts =
        (0..=trace.operations.len()).filter(is_last_word).flat_map(|at| Unsynced::ALL.map(|unsynced| (at, unsynced)));
    let cuts = cuts.map(|(at, unsynced)| Cut { at, unsynced, seed: dice.roll() }).collect();
    check_all(run, &trace, cuts)
}

/// Records `run` and tries `count` cuts of it, chosen by chance.
pub fn sampled_cuts(run: &impl Run, count: usize, seed: u64) -> Result<Report, Broken> {
    let trace = recorded(run)?;
    let mut dice = Dice(seed);
    let ways = Unsynced::ALL.iter().cycle();
    let cuts = ways.take(count).map(|unsynced| {
        let at = dice.below(trace.operations.len() + 1);
        Cut { at, unsynced: *unsynced, seed: dice.roll() }
    });
    check_all(run, &trace, cuts.collect())
}

fn recorded(run: &impl Run) -> Result<Trace, Broken> {
    let folder = scratch()?;
    let path = folder.path().canonicalize()?;
    Ok(record(&run.command(&path), &path)?)
}

/// A folder in memory where there is such a place: syncing it costs nothing, and which calls are made is all that counts here.
fn scratch() -> io::Result<TempDir> {
    TempDir::new_in(MEMORY).or_else(|_| TempDir::new())
}

/// Linux has it, with rare exceptions.
const MEMORY: &str = "/dev/shm";

/// Checks the cuts on all cores; the first broken one ends the search.
fn check_all(run: &impl Run, trace: &Trace, cuts: Vec<Cut>) -> Result<Report, Broken> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(cut) = cuts.get(next.fetch_add(1, Ordering::Relaxed)) {
            check(run, trace, cut).inspect_err(|_| next.store(cuts.len(), Ordering::Relaxed))?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let outcomes = workers.into_iter().map(|worker| worker.join().expect("a check reports, it does not panic"));
        outcomes.collect::<Result<(), Broken>>()
    })?;
    Ok(Report { operations: trace.operations.len(), writes: trace.writes(), cuts: cuts.len() })
}

fn check(run: &impl Run, trace: &Trace, cut: &Cut) -> Result<(), Broken> {
    let folder = scratch()?;
    cut.replay(trace, folder.path())?;
    run.check(folder.path(), &trace.said_before(cut.at)).map_err(|what| {
        let before = trace.operations[cut.at.saturating_sub(OPERATIONS_SHOWN)..cut.at].iter();
        let before = before.map(|operation| format!("  {}\n", operation.in_short())).collect();
        Broken::Cut { cut: cut.clone(), what, before, folder: folder.keep() }
    })
}

/// Enough to see what was going on.
const OPERATIONS_SHOWN: usize = 12;
