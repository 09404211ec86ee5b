//! What wallets of two people do with each other on a small network: allowances, claims, inboxes, blobs and proofs.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A network in a folder, until this is dropped.
struct Network {
    folder: TempDir,
    up: Child,
    genesis: PathBuf,
    endpoint: String,
    main: Person,
}

/// Somebody with a wallet.
struct Person {
    wallet: PathBuf,
}

impl Network {
    fn up() -> Network {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut up = Command::new(env!("CARGO_BIN_EXE_myceline"));
        up.args(["net", "up", "--json", "--port", "0", "--dir"]).arg(folder.path().join("net"));
        let mut up = up.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(up.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let main = Person { wallet: text(&ready["wallet"]).into() };
        let genesis = Path::new(&text(&ready["dir"])).join("genesis.json");
        Network { folder, up, genesis, endpoint: text(&ready["endpoints"][0]), main }
    }

    /// Somebody else, with a chain of their own that holds ten tokens.
    fn newcomer(&self) -> (Person, String, String) {
        let person = Person { wallet: self.folder.path().join("newcomer") };
        person.json(&["wallet", "init", "--genesis", self.genesis.to_str().unwrap()]);
        let owner = text(&person.json(&["keygen", "--insecure-plaintext"])["owner"]);
        let opened = self.main.json(&["chain", "open", "--owner", &owner, "--balance", "10"]);
        (person, owner, text(&opened["chain"]))
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Validators end with whoever started them.
        let _ = self.up.kill().and_then(|()| self.up.wait());
    }
}

impl Person {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(words).env("MYCELINE_WALLET", &self.wallet).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        assert!(output.status.success(), "{words:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The word for what went wrong.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.run(&[words, &["--json"]].concat());
        assert!(!output.status.success(), "{words:?} went well");
        text(&serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"]["code"])
    }

    /// Their default chain and its owner.
    fn chain(&self) -> (String, String) {
        let shown = self.json(&["wallet", "show"]);
        let chain = text(&shown["default_chain"]);
        let owner = text(&shown["chains"][&chain]["owner"]);
        (chain, owner)
    }

    fn balance(&self, chain: &str, holder: &str) -> String {
        text(&self.json(&["balance", "--chain", chain, "--holder", holder])["balance"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[test]
fn people_let_others_spend_and_claim_what_is_theirs() {
    let network = Network::up();
    let main = &network.main;
    let (here, owner) = main.chain();
    let (friend, spender, theirs) = network.newcomer();
    friend.json(&["wallet", "follow", &theirs]);

    // An allowance is for an owner's account: it is filled first.
    main.json(&["transfer", "8", "--to", &format!("{here}/{owner}")]);
    main.json(&["approve", "5", "--spender", &spender]);
    let asked = ["allowance", "--owner", &owner, "--spender", &spender];
    assert_eq!(text(&main.json(&asked)["amount"]), "5");
    assert_eq!(main.refused(&["transfer", "1", "--to", &here, "--from", &spender]), "insufficient-funds");
    main.json(&["approve", "0", "--spender", &spender]);
    assert_eq!(text(&main.json(&asked)["amount"]), "0");

    // What somebody has on a chain of others, they have paid out to their own.
    main.json(&["transfer", "3", "--to", &format!("{here}/{spender}")]);
    friend.json(&["claim", "3", "--from", &here]);
    let waiting = main.json(&["inbox"]);
    assert_eq!(waiting["bundles"][0]["origin"], theirs.as_str(), "{waiting}");
    main.json(&["sync"]);
    assert_eq!(main.balance(&here, &spender), "0");
    let waiting = friend.json(&["inbox"]);
    assert_eq!((&waiting["bundles"][0]["origin"], &waiting["bundles"][0]["amount"]), (&here.into(), &"3".into()));
    friend.json(&["sync"]);
    assert_eq!(friend.balance(&theirs, "chain"), "13");
    assert_eq!(friend.json(&["inbox"])["bundles"].as_array().unwrap().len(), 0);
}

#[test]
fn data_and_proofs_travel_and_bent_proofs_do_not_pass() {
    let network = Network::up();
    let main = &network.main;
    let genesis = network.genesis.to_str().unwrap();

    let (photo, copy) = (network.file("photo"), network.file("copy"));
    std::fs::write(&photo, [7; 1_000]).unwrap();
    let published = main.json(&["blob", "publish", &photo]);
    main.json(&["blob", "read", &text(&published["blob"]), "--output", &copy]);
    assert_eq!(std::fs::read(&copy).unwrap(), [7; 1_000]);
    assert_eq!(main.refused(&["blob", "read", &format!("data:{}", "0".repeat(64)), "--output", &copy]), "not-found");

    let opened = text(&main.json(&["chain", "open", "--balance", "2"])["chain"]);
    let sent = main.json(&["transfer", "5", "--to", &opened]);
    let (message, state) = (network.file("message.json"), network.file("state.json"));
    main.json(&["proof", "message", "--height", &sent["height"].to_string(), "--output", &message]);
    main.json(&["proof", "state", "--output", &state]);
    let nobody = Person { wallet: network.folder.path().join("nobody") };
    let verified = nobody.json(&["proof", "verify", &state, "--genesis", genesis]);
    assert_eq!(verified["balance"], main.json(&["balance"])["balance"]);
    let told = nobody.run(&["proof", "verify", &message, "--genesis", genesis]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("proved: block ") && told.contains(&format!("to chain {}", &opened[..8])), "{told}");

    let whole = std::fs::read_to_string(&state).unwrap();
    let bent = whole.replace(&text(&verified["claim"]["state"]["value"]), &"0".repeat(32));
    assert_ne!(bent, whole, "the proof names the value");
    std::fs::write(&state, bent).unwrap();
    assert_eq!(nobody.refused(&["proof", "verify", &state, "--genesis", genesis]), "refused");
    assert_eq!(main.refused(&["proof", "event", "--height", "0", "--output", &message]), "not-found");
}

#[test]
fn validators_can_be_listed_asked_and_watched() {
    let network = Network::up();
    let main = &network.main;
    let listed = main.json(&["validator", "list"]);
    let states: Vec<&Value> = listed["validators"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["answers"; 4]);
    let (chain, _) = main.chain();
    let asked = main.json(&["validator", "query", &network.endpoint, "--chain", &chain]);
    assert_eq!((&asked["chain"]["chain"], &asked["validators"]), (&chain.as_str().into(), &4.into()));
    assert_eq!(main.refused(&["validator", "query", "http://127.0.0.1:1"]), "unreachable");

    let mut watch = main.command(&["watch", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(watch.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["event"], "watching");
    assert_eq!(main.refused(&["balance", "--wait", "100ms"]), "busy", "the wallet is in use meanwhile");
    let id = rustix::process::Pid::from_child(&watch);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert!(watch.wait().unwrap().success(), "an interrupted watch has done what it should");
}
