//! A faucet on a real network: newcomers come with nothing but a key.

use super::kit::{Going, Net, User, program, value_of};
use serde_json::Value;

/// A faucet, by what it said of itself.
struct Faucet(Value);

impl Faucet {
    /// One that gives from the network's first chain, while the process goes on.
    fn open(bank: &User, words: &[&str]) -> (Faucet, Going) {
        let process = Going::start(bank.command(&[&["faucet", "--port", "0"], words].concat()));
        (Faucet(process.told.clone()), process)
    }

    fn url(&self) -> &str {
        self.0["url"].as_str().unwrap()
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

#[test]
fn newcomers_get_one_chain_each_whoever_starts_the_faucet_again() {
    let net = Net::up();
    let (faucet, process) = Faucet::open(&net.bank, &["--amount", "7"]);
    let (ann, bob) = (faucet.newcomer(&net, "ann"), faucet.newcomer(&net, "bob"));
    let (first, second) = (faucet.claim(&ann), faucet.claim(&bob));
    assert_ne!(first["chain"], second["chain"]);
    assert_eq!(faucet.claim(&ann), first, "asking again gives the same");
    ann.does(&["transfer", "3", "--to", second["chain"].as_str().unwrap()]);
    bob.does(&["sync"]);
    assert_eq!(bob.tokens(second["chain"].as_str().unwrap()), "10");
    // Whoever runs the faucet goes on with the wallet meanwhile.
    net.bank.does(&["transfer", "1", "--to", second["chain"].as_str().unwrap()]);
    drop(process);

    let (again, _process) = Faucet::open(&net.bank, &["--per-minute", "0"]);
    assert_eq!(again.0["given"], 2, "it reads what was given from its chain");
    assert_eq!(again.claim(&bob)["chain"], second["chain"]);
    let late = again.newcomer(&net, "late");
    assert_eq!(
        late.fails(&["wallet", "claim", "--faucet", again.url()]),
        "refused",
        "a faucet that is shut gives nothing"
    );
}

#[test]
fn a_network_brings_a_faucet_of_its_own_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("net");
    let words = ["--dir", dir.to_str().unwrap(), "--faucet", "0", "--faucet-amount", "7"];
    let net = Net::up_with(&words);
    let faucet = Faucet(net.told["faucet"].clone());
    let ann = faucet.newcomer(&net, "ann");
    let claimed = faucet.claim(&ann);
    assert_eq!(ann.tokens(claimed["chain"].as_str().unwrap()), "7");
    // The funded wallet is as it is without a faucet: nobody holds it.
    let service = Going::start(net.bank.command(&["service", "--port", "0"]));
    net.bank.does(&["transfer", "1", "--to", claimed["chain"].as_str().unwrap()]);
    drop(service);
    let (backup, owner) = (folder.path().join("ann.json"), claimed["owner"].clone());
    ann.does(&["wallet", "export", "--output", backup.to_str().unwrap()]);
    drop(net);

    let net = Net::up_with(&words);
    let faucet = Faucet(net.told["faucet"].clone());
    assert_eq!(faucet.0["given"], 1, "it goes on with the chain that it had");
    let ann = User { wallet: net.path("ann") };
    ann.does(&["wallet", "import", backup.to_str().unwrap()]);
    assert_eq!(faucet.claim(&ann), serde_json::json!({ "chain": claimed["chain"], "owner": owner, "balance": "7" }));
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
