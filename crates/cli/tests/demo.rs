//! `myceline demo` as a newcomer's shell, a script and an impatient person see it.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A demo that keeps its folders in one of the test's.
struct Show {
    temporary: TempDir,
}

impl Show {
    fn new() -> Show {
        Show { temporary: tempfile::tempdir().unwrap() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(words).env("TMPDIR", self.temporary.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// A demo whose events are read as they happen.
    fn begin(&self) -> (Child, impl Iterator<Item = Value> + use<>) {
        let mut demo = self.command(&["demo", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(demo.stdout.take().unwrap()).lines();
        (demo, lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()))
    }

    fn leaves_nothing(&self) -> bool {
        fs::read_dir(self.temporary.path()).unwrap().next().is_none()
    }
}

fn pid(value: &Value) -> Pid {
    Pid::from_raw(i32::try_from(value.as_u64().unwrap()).unwrap()).unwrap()
}

/// The validators' processes that these events name.
fn processes(events: &[Value]) -> Vec<Pid> {
    events.iter().filter(|event| event["event"] == "starting").map(|event| pid(&event["process"])).collect()
}

fn is_running(process: &Pid) -> bool {
    test_kill_process(*process).is_ok()
}

/// Takes events up to the first of a kind.
fn until(events: &mut impl Iterator<Item = Value>, kind: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for event in events {
        let is_it = event["event"] == kind;
        seen.push(event);
        if is_it {
            return seen;
        }
    }
    panic!("no {kind} among {seen:#?}");
}

#[test]
fn a_pipe_gets_the_whole_story_in_words() {
    let show = Show::new();
    let output = show.run(&["demo"]);
    let told = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaints.is_empty(), "{told}\n{complaints}");
    let mut rest = told.as_str();
    for words in [
        "pre-confirmed after",
        "final after",
        "received after",
        "validator 3 killed with -9",
        "final after",
        "received after",
        "blocks behind",
        "validator 3 caught up",
        "propose different blocks at height",
        "signed",
        "ann's chain healed",
        "all 2'000 tokens are there",
        "net up",
    ] {
        let found = rest.find(words).unwrap_or_else(|| panic!("{words:?} does not come in its place:\n{told}"));
        rest = &rest[found + words.len()..];
    }
    assert!(!told.contains('\u{1b}'), "{told}");
    assert!(show.leaves_nothing());
}

#[test]
fn a_script_gets_the_same_events_and_nothing_is_left_running() {
    let show = Show::new();
    let (mut demo, events) = show.begin();
    let events: Vec<Value> = events.collect();
    assert!(demo.wait().unwrap().success(), "{events:#?}");
    let count = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((count("starting"), count("ready"), count("killed")), (5, 4, 1));
    assert!(count("received") >= 8 && count("received") == count("final"), "{events:#?}");
    let caught_up = events.iter().find(|event| event["event"] == "caught-up").unwrap();
    assert!(caught_up["blocks"].as_u64().unwrap() >= 8, "{caught_up}");
    let split = events.iter().find(|event| event["event"] == "split").unwrap();
    let voters = split["sides"].as_array().unwrap().iter().flat_map(|side| side.as_array().unwrap());
    assert_eq!(voters.count(), 4, "every validator has signed one block: {split}");
    let summary = events.last().unwrap();
    assert_eq!((&summary["event"], &summary["supply"]), (&"summary".into(), &"2000".into()));
    assert!(processes(&events).iter().all(|process| !is_running(process)));
    assert!(show.leaves_nothing());
}

#[test]
fn whoever_interrupts_it_gets_a_clean_machine_back() {
    let show = Show::new();
    let (mut demo, mut events) = show.begin();
    let seen = until(&mut events, "final");
    kill_process(pid(&demo.id().into()), Signal::INT).unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["error"]["code"], "interrupted", "{last}");
    assert_eq!(demo.wait().unwrap().code(), Some(10));
    assert!(processes(&seen).iter().all(|process| !is_running(process)));
    assert!(show.leaves_nothing());
}

#[test]
fn a_demo_that_fails_says_where_to_look_and_ends_its_validators() {
    let show = Show::new();
    let (mut demo, mut events) = show.begin();
    let seen = until(&mut events, "opened");
    let validators = processes(&seen);
    for validator in &validators[..2] {
        kill_process(*validator, Signal::KILL).unwrap();
    }
    let last = events.last().unwrap();
    let hint = last["error"]["hint"].as_str().unwrap_or_else(|| panic!("{last}"));
    assert!(last["error"]["message"].as_str().unwrap().starts_with("the demo failed at: "), "{last}");
    let logs = hint.rsplit(' ').next().unwrap().replace('*', "0");
    assert!(fs::read_to_string(logs).unwrap().contains("serving"), "{hint}");
    assert!(!demo.wait().unwrap().success());
    assert!(validators.iter().all(|validator| !is_running(validator)));
}
