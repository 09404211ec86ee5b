//! `storage-crash [--full]`: records a run of the embedded store and cuts it, at 200 places or everywhere.

use myceline_storage_crash::{
    every_cut,
    runs::{Careless, Commits},
    sampled_cuts,
};
use std::{env, error::Error, path::Path, process::ExitCode};

/// A run of this many commits is cut.
const BATCHES: u64 = 200;
/// How many cuts are tried when not all are.
const SAMPLED_CUTS: usize = 200;
/// Chooses them.
const SEED: u64 = 1;

fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Box<dyn Error>> {
    match *words {
        [Commits::COMMAND, folder, batches] => Commits::make(Path::new(folder), batches.parse()?),
        [Careless::COMMAND, folder] => Careless::make(Path::new(folder)),
        [] => {
            println!("{}", sampled_cuts(&commits()?, SAMPLED_CUTS, SEED)?);
            Ok(())
        }
        ["--full"] => {
            println!("{}", every_cut(&commits()?)?);
            Ok(())
        }
        _ => Err("usage: storage-crash [--full]".into()),
    }
}

fn commits() -> Result<Commits, Box<dyn Error>> {
    Ok(Commits { program: env::current_exe()?, batches: BATCHES })
}
