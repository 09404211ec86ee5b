//! `cargo xtask sim`: runs seeds, says how many stories ended well, and tells the one that did not.

use anyhow::{Result, bail};
use clap::Parser;
use myceline_sim::{Mutation, Report, run};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// Lines of a failing story that are shown unless all are asked for.
const LAST_LINES: usize = 60;

/// Runs seeds of the simulation.
#[derive(Parser)]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This seed only, twice, to see that both runs are the same
    #[arg(long)]
    seed: Option<u64>,
    /// Tells everything that happens
    #[arg(long)]
    trace: bool,
    /// Breaks something on purpose
    #[arg(long)]
    mutation: Option<Mutation>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.seed {
        Some(seed) => run_one(seed, arguments.mutation, arguments.trace),
        None => run_many(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run_one(seed: u64, mutation: Option<Mutation>, tells_all: bool) -> Result<()> {
    let report = run(seed, mutation, true);
    let again = run(seed, mutation, false);
    check_same(&report, &again)?;
    if tells_all {
        report.trace.iter().for_each(|line| println!("{line}"));
    }
    println!("{}", describe(&report));
    judge(&report, !tells_all)
}

fn run_many(arguments: &Arguments) -> Result<()> {
    let begun = Instant::now();
    let (mut blocks, mut events, mut simulated) = (0, 0, Duration::ZERO);
    for seed in arguments.from..arguments.from.saturating_add(arguments.seeds) {
        let report = run(seed, arguments.mutation, arguments.trace);
        report.trace.iter().for_each(|line| println!("{line}"));
        (blocks, events, simulated) = (blocks + report.blocks, events + report.events, simulated + report.took);
        if report.violation.is_some() {
            let again = run(seed, arguments.mutation, true);
            check_same(&report, &again)?;
            return judge(&again, true);
        }
    }
    let (seeds, took, simulated) = (arguments.seeds, begun.elapsed().as_secs_f64(), simulated.as_secs());
    println!("{seeds} seeds, {blocks} blocks, {events} events, {simulated} s simulated in {took:.1} s: all is well");
    Ok(())
}

/// A seed is always the same story.
fn check_same(one: &Report, other: &Report) -> Result<()> {
    if (one.trace_hash, &one.violation) != (other.trace_hash, &other.violation) {
        let (seed, violations) = (one.seed, (&one.violation, &other.violation));
        bail!("seed {seed} tells two stories, so something is not decided by the seed: {violations:?}");
    }
    Ok(())
}

/// An error where the story did not end well, told from close before its end.
fn judge(report: &Report, tells: bool) -> Result<()> {
    let Some(violation) = &report.violation else { return Ok(()) };
    if tells {
        let first = report.trace.len().saturating_sub(LAST_LINES);
        report.trace[first..].iter().for_each(|line| println!("{line}"));
    }
    bail!("seed {}: {violation}\ntell all of it with `cargo xtask sim --seed {} --trace`", report.seed, report.seed)
}

fn describe(report: &Report) -> String {
    let Report { seed, blocks, events, took, trace_hash, .. } = report;
    format!("seed {seed}: {blocks} blocks, {events} events, {:.1} s, trace {trace_hash}", took.as_secs_f64())
}
