//! The embedded store survives power cuts, and a store that does not sync does not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use myceline_storage_crash::{
    Broken, record,
    replay::Unsynced,
    runs::{Careless, Commits},
    sampled_cuts,
    trace::Operation,
};
use std::{path::PathBuf, process::Command};

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_storage-crash").into()
}

#[test]
fn the_embedded_store_survives_200_sampled_cuts() {
    let report =
        sampled_cuts(&Commits { program: program(), batches: 200 }, 200, 1).unwrap_or_else(|why| panic!("{why}"));
    assert!(report.writes > 200, "{report}");
}

#[test]
fn a_store_that_does_not_sync_is_found_out() {
    let Err(Broken::Cut { cut, folder, .. }) = sampled_cuts(&Careless { program: program() }, 50, 1) else {
        panic!("nothing was found")
    };
    assert_ne!(cut.unsynced, Unsynced::Kept, "killing the process alone loses nothing");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_trace_has_every_operation_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let mut command = Command::new("sh");
    let script = "mkdir d && printf abc > d/x && echo said && printf de >> d/x && mv d/x y && rm y && rmdir d";
    command.args(["-c", &format!("cd {} && {script}", path.display())]);
    let operations = record(&command, &path).unwrap().operations;
    let [
        Operation::MakeFolder(_),
        Operation::Create(created, file),
        Operation::Write { offset: 0, bytes: first, .. },
        Operation::Say(said),
        Operation::Write { offset: 3, bytes: second, .. },
        Operation::Rename { file: renamed, .. },
        Operation::Remove(_),
        Operation::RemoveFolder(_),
    ] = &operations[..]
    else {
        panic!("{operations:?}")
    };
    assert_eq!((created.to_str(), said.as_str()), (Some("d/x"), "said\n"));
    assert_eq!((&first[..], &second[..]), (&b"abc"[..], &b"de"[..]));
    assert_eq!(file, renamed);
}

#[test]
fn a_run_that_fails_is_not_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "exit 3"]);
    let why = record(&command, folder.path()).unwrap_err();
    assert_eq!(why.to_string(), "the command failed: exit code 3");
}
