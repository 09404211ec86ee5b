//! `myceline service` over a real network, and commands that are used while it holds their wallet.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A program that goes on until it is told to end.
struct Running {
    child: Child,
    /// What it said when it was ready.
    said: Value,
}

impl Running {
    fn start(mut command: Command) -> Running {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Running { child, said: serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line}")) }
    }

    fn end(&mut self) -> bool {
        // One that has ended gets no signal: its number may be another's by now.
        if self.child.try_wait().unwrap().is_none() {
            kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        }
        self.child.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// A network with a funded wallet.
struct Network {
    folder: TempDir,
    _up: Running,
}

impl Network {
    fn up() -> Network {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut up = Command::new(env!("CARGO_BIN_EXE_myceline"));
        up.args(["net", "up", "--json", "--port", "0", "--dir"]).arg(folder.path().join("net"));
        Network { _up: Running::start(up), folder }
    }

    fn wallet(&self) -> PathBuf {
        self.folder.path().join("net/wallet")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(words).args(["--json", "--wait", "0s"]).env("MYCELINE_WALLET", self.wallet()).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command that must work tells.
    fn told(&self, words: &[&str]) -> Value {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Why a command does not work.
    fn error(&self, words: &[&str]) -> Value {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}: {output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"].clone()
    }
}

#[test]
fn commands_go_through_the_service_that_holds_their_wallet() {
    let network = Network::up();
    let mut service = Running::start(network.command(&["service", "--port", "0"]));
    let pass = network.wallet().join("service.json");
    assert_eq!(fs::metadata(&pass).unwrap().mode() & 0o777, 0o600);

    let opened = network.told(&["chain", "open", "--balance", "10", "--name", "savings"]);
    let sent = network.told(&["transfer", "5", "--to", "savings"]);
    assert_eq!(sent["to"], opened["chain"]);
    network.told(&["sync"]);
    assert_eq!(network.told(&["balance", "--chain", "savings"])["balance"], "15");
    assert_eq!(network.told(&["chain", "show", "savings"])["name"], "savings");
    assert_eq!(network.told(&["inbox", "--chain", "savings"])["bundles"], Value::Array(Vec::new()));
    assert_eq!(network.told(&["chain", "block", "0"])["height"], 0);
    let file = network.folder.path().join("data");
    fs::write(&file, "coffee").unwrap();
    let blob = network.told(&["blob", "publish", file.to_str().unwrap()])["blob"].as_str().unwrap().to_owned();
    assert_eq!(network.run(&["blob", "read", &blob]).stdout, b"coffee");
    assert_eq!(network.error(&["transfer", "99999999999", "--to", "savings"])["code"], "insufficient-funds");

    // What needs the wallet for itself says who has it, at once, and what to do.
    for words in [["keygen", "--insecure-plaintext"].as_slice(), &["wallet", "forget", "savings"]] {
        let error = network.error(words);
        assert_eq!(error["code"], "busy", "{words:?}: {error}");
        let url = service.said["url"].as_str().unwrap().trim_end_matches('/');
        assert!(error["message"].as_str().unwrap().contains(url), "{error}");
    }
    assert!(service.end(), "it ends well when it is asked to");
    assert!(!pass.exists());
    assert_eq!(network.told(&["balance", "--chain", "savings"])["balance"], "15");
    network.told(&["wallet", "forget", "savings"]);
}

#[test]
fn what_becomes_of_messages_is_said_once_for_the_service_and_for_commands() {
    let network = Network::up();
    network.told(&["chain", "open", "--balance", "10", "--name", "savings"]);
    network.told(&["sync"]);
    let mut service = Running::start(network.command(&["service", "--port", "0"]));
    let main = network.told(&["wallet", "show"])["default_chain"].as_str().unwrap().to_owned();
    let policy = network.told(&["wallet", "policy", "savings", "--ignore", &main]);
    assert_eq!((&policy["ignored"][0], &policy["otherwise"]), (&Value::from(main.as_str()), &Value::from("accept")));
    network.told(&["transfer", "5", "--to", "savings"]);
    network.told(&["sync"]);
    let balance = || network.told(&["balance", "--chain", "savings"])["balance"].clone();
    assert_eq!(balance(), "10", "it waits while a service runs");
    assert!(service.end());
    network.told(&["sync"]);
    assert_eq!(balance(), "10", "and where none does");
    assert_eq!(network.told(&["inbox", "--chain", "savings"])["bundles"].as_array().unwrap().len(), 1);
    let told = network.run(&["wallet", "policy", "savings"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains(&main[..8]), "{text}");
    network.told(&["wallet", "policy", "savings", "--reset"]);
    network.told(&["sync"]);
    assert_eq!(balance(), "15");
    assert_eq!(network.error(&["wallet", "policy", "savings", "--allow", "nothing"])["code"], "not-found");
}

#[test]
fn a_service_that_was_killed_is_in_nobodys_way() {
    let network = Network::up();
    let mut service = Running::start(network.command(&["service", "--port", "0"]));
    kill_process(Pid::from_child(&service.child), Signal::KILL).unwrap();
    service.child.wait().unwrap();
    assert!(network.wallet().join("service.json").exists(), "it had no time to tidy up");
    network.told(&["balance"]);
    let _again = Running::start(network.command(&["service", "--port", "0"]));
    network.told(&["transfer", "1", "--to", network.told(&["balance"])["account"].as_str().unwrap()]);
}

#[test]
fn nobody_else_is_let_in_without_a_token() {
    let network = Network::up();
    let error = network.error(&["service", "--listen", "0.0.0.0", "--port", "0"]);
    assert_eq!(error["code"], "usage", "{error}");
    let error = network.error(&["service", "--port", "0", "--token", "short"]);
    assert_eq!(error["code"], "usage", "{error}");
    let service = network.command(&["service", "--port", "0", "--token", "sixteen letters.", "--read-only"]);
    let service = Running::start(service);
    assert_eq!((&service.said["needs_token"], &service.said["read_only"]), (&true.into(), &true.into()));
    // The owner's own commands need no token, and make blocks.
    network.told(&["chain", "open"]);
}

#[test]
fn every_code_is_explained() {
    let network = Command::new(env!("CARGO_BIN_EXE_myceline")).args(["explain", "--json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&network.stdout).unwrap();
    for code in all["codes"].as_array().unwrap() {
        let word = code["code"].as_str().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_myceline")).args(["explain", word]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(code["happened"].as_str().unwrap()), "{text}");
    }
    let unknown = Command::new(env!("CARGO_BIN_EXE_myceline")).args(["explain", "why"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}
