//! The project's own chores, one file per subcommand. Nothing here ships: it proves the project and keeps it tidy.

mod contracts;
mod crash;
mod fuzz;
mod instructions;
mod kill;
mod lint;
mod model;
mod process;
mod race;
mod sim;
mod test;
mod tidy;
mod wasm;

use clap::Parser;
use std::process::ExitCode;

/// What `cargo xtask` can do.
#[derive(Parser)]
#[command(name = "cargo xtask", version, about = "The project's own chores")]
enum Chore {
    /// Runs everything that proves the project: tidy, documentation examples, then all other tests
    Test,
    /// Checks the map, the purity and the house rules of the workspace
    Tidy,
    /// Checks format, clippy, documentation links, and licences where cargo-deny is installed
    Lint,
    /// Searches the consensus rules, and each rule dropped, and prints what it counts
    Model {
        /// Also the searches that take minutes and gigabytes
        #[arg(long)]
        full: bool,
    },
    /// Kills validator processes in the middle of a load, and checks what is left
    Kill {
        /// Twenty times within 10,000 blocks
        #[arg(long)]
        full: bool,
    },
    /// Cuts the power of the store and of a validator at recorded writes, and checks what is left
    Crash {
        /// At every write, which takes a while
        #[arg(long)]
        full: bool,
    },
    /// Builds the example applications for Wasm, and writes into the book how large they are
    Contracts,
    /// Fuzzes what applications give to validators, guided by coverage; needs a C++ compiler
    Fuzz {
        /// How long, for each target
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// One target only: modules or questions
        #[arg(long)]
        target: Option<String>,
        /// Adds what reaches new code to the corpus that tests replay
        #[arg(long)]
        keep: bool,
    },
    /// Counts instructions of the hot paths under valgrind, and compares them with the run before
    Instructions,
    /// Lets two wallets of one owner race, and shows what that costs
    Race {
        /// How often
        #[arg(long, default_value_t = 1000)]
        times: u32,
    },
    /// Runs seeds of the simulated network; `cargo xtask sim --help` says how
    #[command(disable_help_flag = true)]
    Sim {
        /// For the simulator: `--seeds N`, `--from S`, `--seed S`, `--trace`, `--mutation M`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Chore::parse() {
        Chore::Test => test::run(),
        Chore::Tidy => tidy::run(),
        Chore::Lint => lint::run(),
        Chore::Model { full } => model::run(full),
        Chore::Kill { full } => kill::run(full),
        Chore::Crash { full } => crash::run(full),
        Chore::Contracts => contracts::run(),
        Chore::Fuzz { seconds, target, keep } => fuzz::run(seconds, target.as_deref(), keep),
        Chore::Instructions => instructions::run(),
        Chore::Race { times } => race::run(times),
        Chore::Sim { arguments } => sim::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why:#}");
            ExitCode::FAILURE
        }
    }
}
