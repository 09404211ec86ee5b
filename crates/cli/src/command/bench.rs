//! `myceline bench …`: loads a running network through the interface that everybody uses, and says what it can do.

mod app_transfers;
mod application;
mod beside;
mod calls;
mod cross_chain;
mod disk;
mod figures;
mod ground;
mod idle;
mod lanes;
mod latency;
mod open_chains;
mod process;
mod purse;
mod recheck;
mod report;
mod run;
mod transfers;

use crate::{CliError, Context};
use clap::builder::RangedI64ValueParser;

/// The most transactions of a block by the usual policy.
const TRANSACTIONS_MAX: i64 = 1_000;
/// More chains than this are opened for longer than anybody waits.
const CHAINS_MAX: i64 = 1_000_000;

/// Measure a running network
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "\
Examples:
  myceline net up --validators 4 --dir mynet         in one shell, and in another:
  myceline bench transfers --dir mynet               100 chains, one transfer in each block
  myceline bench latency --dir mynet --duration 30s --json
Every run checks again what it did, and fails if something does not hold.")]
pub enum Bench {
    Transfers(transfers::Transfers),
    Latency(latency::Latency),
    CrossChain(cross_chain::CrossChain),
    OpenChains(open_chains::OpenChains),
    AppTransfers(app_transfers::AppTransfers),
    Calls(calls::Calls),
    Beside(beside::Beside),
    Idle(idle::Idle),
}

impl Bench {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Bench::Transfers(command) => command.run(context),
            Bench::Latency(command) => command.run(context),
            Bench::CrossChain(command) => command.run(context),
            Bench::OpenChains(command) => command.run(context),
            Bench::AppTransfers(command) => command.run(context),
            Bench::Calls(command) => command.run(context),
            Bench::Beside(command) => command.run(context),
            Bench::Idle(command) => command.run(context),
        }
    }
}

/// A number of chains.
fn chains() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=CHAINS_MAX)
}

/// A number of transactions in a block.
fn transactions() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=TRANSACTIONS_MAX)
}

fn as_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
