//! A faucet on a real network: newcomers come with nothing but a key.

use super::kit::{Net, User, program, value_of};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

/// A faucet that gives from the network's first chain.
struct Faucet {
    process: Child,
    told: Value,
}

impl Faucet {
    fn open(bank: &User, words: &[&str]) -> Faucet {
        let mut command = bank.command(&[&["faucet", "--port", "0"], words].concat());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Faucet { process, told: serde_json::from_str(&line).unwrap() }
    }

    fn url(&self) -> &str {
        self.told["url"].as_str().unwrap()
    }

    /// Somebody whose wallet knows the network from the faucet alone.
    fn newcomer(&self, net: &Net, name: &str) -> User {
        let user = User { wallet: net.path(name) };
        user.does(&["wallet", "init", "--genesis", &format!("{}genesis", self.url())]);
        user.does(&["keygen", "--insecure-plaintext"]);
        user
    }

    fn claim(&self, user: &User) -> Value {
        user.does(&["wallet", "claim", "--faucet", self.url()])
    }
}

impl Drop for Faucet {
    fn drop(&mut self) {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        assert!(self.process.wait().unwrap().success(), "a faucet ends well");
    }
}

#[test]
fn newcomers_get_one_chain_each_whoever_starts_the_faucet_again() {
    let net = Net::up();
    let faucet = Faucet::open(&net.bank, &["--amount", "7"]);
    let (ann, bob) = (faucet.newcomer(&net, "ann"), faucet.newcomer(&net, "bob"));
    let (first, second) = (faucet.claim(&ann), faucet.claim(&bob));
    assert_ne!(first["chain"], second["chain"]);
    assert_eq!(faucet.claim(&ann), first, "asking again gives the same");
    ann.does(&["transfer", "3", "--to", second["chain"].as_str().unwrap()]);
    bob.does(&["sync"]);
    assert_eq!(bob.tokens(second["chain"].as_str().unwrap()), "10");
    drop(faucet);

    let again = Faucet::open(&net.bank, &["--per-minute", "0"]);
    assert_eq!(again.told["given"], 2, "it reads what was given from its chain");
    assert_eq!(again.claim(&bob)["chain"], second["chain"]);
    let late = again.newcomer(&net, "late");
    assert_eq!(
        late.fails(&["wallet", "claim", "--faucet", again.url()]),
        "refused",
        "a faucet that is shut gives nothing"
    );
}

#[test]
fn a_faucet_that_is_none_is_said_to_be_none() {
    let net = Net::up();
    let (ann, _) = net.newcomer("ann");
    assert_eq!(ann.fails(&["wallet", "claim", "--faucet", "http://127.0.0.1:9"]), "unreachable");
    let (told, code) =
        value_of(&program().args(["--json", "wallet", "claim", "--faucet", "ftp://x"]).output().unwrap());
    assert_eq!((code, &told["error"]["code"]), (2, &"usage".into()));
}
