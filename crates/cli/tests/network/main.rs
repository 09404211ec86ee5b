//! Commands that need a network, against a real one. Each story has its own network, wallets and folder.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

mod accounts;
mod applications;
mod events;
mod faucet;
mod kit;
mod mcp;
mod public;
mod readmes;
mod typing;
mod watching;

use kit::{Net, User, program, value_of};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn a_wallet_finds_its_chains_and_moves_to_another_folder() {
    let net = Net::up();
    let (ann, owner) = net.newcomer("ann");
    let opened = net.bank.does(&["chain", "open", "--owner", &owner, "--balance", "20"]);
    let chain = opened["chain"].as_str().unwrap();

    let found = ann.does(&["wallet", "follow"]);
    assert_eq!((&found["chains"][0]["chain"], &found["chains"][0]["owner"]), (&opened["chain"], &owner.clone().into()));
    let others = ann.does(&["wallet", "follow", &net.bank_chain, "--name", "bank"]);
    assert_eq!(others["chains"][0]["owner"], Value::Null);
    assert_eq!(ann.does(&["wallet", "show"])["default_chain"], opened["chain"]);
    assert_eq!(ann.does(&["wallet", "set-default", "bank"])["name"], "bank");
    assert_eq!(ann.does(&["wallet", "show"])["default_chain"], net.bank_chain.as_str());
    assert_eq!(ann.fails(&["transfer", "1", "--to", chain]), "not-found", "it is not hers");
    assert_eq!(ann.does(&["wallet", "forget", "bank"])["has_default_chain"], false);
    assert_eq!(ann.fails(&["wallet", "forget", "bank"]), "not-found");
    ann.does(&["wallet", "set-default", &chain[..8]]);

    let backup = net.path("backup.json");
    let backup = backup.to_str().unwrap();
    let exported = ann.does(&["wallet", "export", "--output", backup]);
    assert_eq!((&exported["chains"], &exported["keys"], &exported["encrypted"]), (&1.into(), &1.into(), &false.into()));
    assert_eq!(mode(Path::new(backup)), 0o600);
    assert_eq!(ann.fails(&["wallet", "export", "--output", backup]), "usage", "nothing is written over");
    let moved = User { wallet: net.path("moved") };
    assert_eq!(moved.does(&["wallet", "import", backup])["behind"], Value::Array(Vec::new()));
    assert_eq!(moved.fails(&["wallet", "import", backup]), "usage", "there is a wallet already");
    moved.does(&["transfer", "3", "--to", &net.bank_chain]);
    assert_eq!(moved.tokens(chain), "17");

    let chains = net.path("chains.json");
    ann.does(&["wallet", "export", "--without-keys", "--output", chains.to_str().unwrap()]);
    let looking = User { wallet: net.path("looking") };
    looking.does(&["wallet", "import", chains.to_str().unwrap()]);
    assert_eq!(looking.tokens(chain), "17");
    assert_eq!(looking.fails(&["transfer", "3", "--to", &net.bank_chain]), "not-found");
}

#[test]
fn two_commands_at_once_on_one_wallet_take_turns() {
    let net = Net::up();
    let (_, owner) = net.newcomer("ann");
    let ann = net.bank.does(&["chain", "open", "--owner", &owner])["chain"].as_str().unwrap().to_owned();
    let pay = || net.bank.command(&["transfer", "5", "--to", &ann]).stdout(Stdio::piped()).spawn().unwrap();
    let payments: Vec<Child> = (0..4).map(|_| pay()).collect();
    for payment in payments {
        let (value, code) = value_of(&payment.wait_with_output().unwrap());
        assert_eq!(code, 0, "{value}");
    }
    assert_eq!(net.bank.tokens(&net.bank_chain), "999999980");
}

#[test]
fn a_chain_changes_hands_and_is_closed() {
    let net = Net::up();
    let (ann, owner) = net.newcomer("ann");
    let bank_owner = net.bank_owner();
    let weighed = format!("{owner}=50");
    let words = ["chain", "open-multi", "--owner", &bank_owner, "--owner", &weighed, "--rounds", "2", "--balance", "9"];
    let opened = net.bank.does(&[&words[..], &["--name", "ours"]].concat());
    let chain = opened["chain"].as_str().unwrap();
    assert_eq!(opened["ownership"]["leaders"]["Owners"]["regular"][&owner], 50);

    ann.does(&["wallet", "follow", chain, "--name", "ours"]);
    ann.does(&["transfer", "2", "--chain", "ours", "--to", &net.bank_chain]);
    let block = net.bank.does(&["chain", "block", "--chain", "ours"]);
    assert_eq!((&block["height"], &block["block"]["proposed"]["author"]), (&0.into(), &owner.clone().into()));
    assert_eq!(net.bank.fails(&["chain", "block", "7", "--chain", "ours"]), "not-found");

    let give = ["chain", "ownership", "ours", "--fast-owner", &owner];
    assert_eq!(net.bank.fails(&give), "usage", "nobody gives a chain away by accident");
    assert_eq!(net.bank.fails(&["chain", "ownership", "ours", "--rounds", "0"]), "usage", "nobody would own it");
    assert_eq!(net.bank.does(&[&give[..], &["--give-away"]].concat())["changed"], true);
    assert_eq!(net.bank.fails(&["transfer", "1", "--chain", "ours", "--to", &net.bank_chain]), "not-found");
    ann.does(&["sync"]);
    let ownership = ann.does(&["chain", "ownership", "ours"]);
    assert_eq!(ownership["ownership"]["leaders"]["Owners"]["fast"], Value::Array(vec![owner.into()]));

    let application = "ab".repeat(32);
    assert_eq!(ann.fails(&["chain", "permissions", "ours", "--only", &application]), "usage", "not by accident either");
    ann.does(&["chain", "permissions", "ours", "--manager", &application]);
    let permissions = ann.does(&["chain", "permissions", "ours"]);
    assert_eq!(permissions["permissions"]["manage_chain"], Value::Array(vec![application.into()]));
    ann.does(&["chain", "permissions", "ours", "--reset"]);

    assert_eq!(ann.fails(&["chain", "close", "ours"]), "usage", "seven tokens would be lost");
    ann.does(&["transfer", "7", "--chain", "ours", "--to", &net.bank_chain]);
    ann.does(&["chain", "close", "ours"]);
    let shown = net.bank.does(&["chain", "show", chain]);
    assert_eq!(
        (&shown["is_closed"], &shown["is_current"], &shown["balance"]),
        (&true.into(), &true.into(), &"0".into())
    );
    assert_eq!(shown["origin"]["Child"]["parent"], net.bank_chain.as_str());
    assert_eq!(ann.fails(&["transfer", "1", "--chain", "ours", "--to", &net.bank_chain]), "refused");
}

#[test]
fn what_a_network_starts_from_may_be_read_by_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (listen, monitor) = (port(), port());
    let operator = User { wallet: path("operator").into() };
    let owner = operator.does(&["keygen", "--insecure-plaintext"])["owner"].as_str().unwrap().to_owned();
    operator.does(&["validator", "init", "--dir", &path("v0"), "--listen", &listen, "--monitor", &monitor]);
    let (public, funds) = (path("v0/validator.json"), format!("{owner}=100"));
    operator.does(&["genesis", "create", "--validator", &public, "--chain", &funds, "--output", &path("genesis.json")]);
    for file in ["v0/validator.json", "genesis.json"] {
        assert_eq!(mode(Path::new(&path(file))), 0o644);
    }
    let mut run = program();
    run.args(["validator", "run", "--config", &path("v0/config.json")]);
    let mut validator = run.spawn().unwrap();

    let reader = User { wallet: path("reader").into() };
    let (document, begun) = (format!("http://{monitor}/genesis"), Instant::now());
    while reader.run(&["wallet", "init", "--genesis", &document]).1 != 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the validator starts");
    }
    let shown = operator.does(&["genesis", "show", &path("genesis.json")]);
    assert_eq!(reader.does(&["wallet", "show"])["network"], shown["network"]);
    kill_process(Pid::from_child(&validator), Signal::TERM).unwrap();
    assert!(validator.wait().unwrap().success());
}
