//! Power cuts of a validator: what it said before one is true after it.
//!
//! A load of some 200 blocks runs against four validators, one of which keeps its store in a folder whose writes are
//! recorded. It says everything that it was asked and that it answered, outside of that folder. Then the folder is cut at one
//! write after another, a validator is started on what is left, and everything is put to it again.
//!
//! `cargo xtask test` tries 200 cuts; `cargo xtask crash --full` tries all of them.

mod audit;
mod check;
mod line;
mod load;

use line::Line;
use myceline_storage_crash::{
    Run, every_cut, record,
    replay::{Cut, Unsynced},
    sampled_cuts,
    trace::{Operation, Trace},
};
use myceline_types::api::Response;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// How many cuts are tried when not all are.
const SAMPLED_CUTS: usize = 200;
/// Chooses them.
const SEED: u64 = 2;
/// Cuts after votes at which a validator may be found to forget. Not each will do: by the time a vote is shown its height may
/// be decided, and a decided height takes no other vote.
const FORGETFUL_CUTS: usize = 16;
/// Names the folder to the process that is recorded, which is this test program once more.
const FOLDER: &str = "MYCELINE_LOAD_FOLDER";
/// Set by `cargo xtask crash --full`.
const FULL: &str = "MYCELINE_FULL";

/// The load against a validator whose store is in the recorded folder.
struct Load {
    program: PathBuf,
}

impl Run for Load {
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--exact", "power_cut::a_load_goes_through", "--nocapture", "--test-threads", "1"]);
        command.env(FOLDER, folder);
        command
    }

    fn check(&self, folder: &Path, said: &[String]) -> Result<(), String> {
        check::survives(folder, said)
    }
}

/// By itself it shows that the load needs no cut to go through; the recorded process runs it in the recorded folder.
#[test]
fn a_load_goes_through() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = env::var_os(FOLDER).map_or(temporary.path().into(), PathBuf::from);
    load::run(&folder);
}

#[test]
fn nothing_that_a_validator_said_is_undone_by_a_power_cut() {
    let load = Load { program: env::current_exe().unwrap() };
    let report = if env::var_os(FULL).is_some() { every_cut(&load) } else { sampled_cuts(&load, SAMPLED_CUTS, SEED) };
    let report = report.unwrap_or_else(|why| panic!("{why}"));
    println!("{report}");
    assert!(report.writes > load::BLOCKS, "{report}");
}

/// The same checks, where what was said was not kept.
#[test]
fn a_validator_that_forgets_is_found_out() {
    let load = Load { program: env::current_exe().unwrap() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let trace = record(&load.command(&path), &path).unwrap();
    let cuts = after_votes(&trace);
    let at = cuts[0];
    let said = trace.said_before(at);
    let left = |at| {
        let folder = tempfile::tempdir().unwrap();
        Cut { at, unsynced: Unsynced::Kept, seed: 0 }.replay(&trace, folder.path()).unwrap();
        folder
    };
    check::survives(left(at).path(), &said).unwrap();
    let why = check::survives(left(at / 2).path(), &said).unwrap_err();
    assert!(why.contains("was acknowledged and is lost"), "{why}");
    let forgotten = cuts.into_iter().take(FORGETFUL_CUTS).find_map(|at| {
        let without_votes = left(at);
        check::forget_votes(without_votes.path());
        check::survives(without_votes.path(), &trace.said_before(at)).err()
    });
    let why = forgotten.expect("a vote that was forgotten is given to another block");
    assert!(why.contains("two votes in one position") || why.contains("instead of the vote"), "{why}");
}

/// How many operations there were whenever a vote had just been shown, from half way through on.
fn after_votes(trace: &Trace) -> Vec<usize> {
    let shows_vote = |operation: &Operation| match operation {
        Operation::Say(text) => {
            let said: Vec<String> = text.lines().map(str::to_owned).collect();
            matches!(Line::read_all(&said)[..], [Line::Answered(_, Response::Vote(_))])
        }
        _ => false,
    };
    let operations = trace.operations.iter().enumerate().skip(trace.operations.len() / 2);
    operations.filter(|(_, operation)| shows_vote(operation)).map(|(index, _)| index + 1).collect()
}
