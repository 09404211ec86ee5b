//! What wallets of two people do with each other on a small network: allowances, claims, inboxes, blobs and proofs.

use crate::kit::{Net, User, program};
use serde_json::Value;
use std::fs;

/// Somebody else, who they are, and their chain, which holds ten tokens.
fn friend(net: &Net) -> (User, String, String) {
    let (friend, owner) = net.newcomer("friend");
    let opened = net.bank.does(&["chain", "open", "--owner", &owner, "--balance", "10"]);
    (friend, owner, text(&opened["chain"]))
}

fn balance(user: &User, chain: &str, holder: &str) -> String {
    text(&user.does(&["balance", "--chain", chain, "--holder", holder])["balance"])
}

fn file(net: &Net, name: &str) -> String {
    net.path(name).display().to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[test]
fn people_let_others_spend_and_claim_what_is_theirs() {
    let net = Net::up();
    let main = &net.bank;
    let here = net.bank_chain.clone();
    let owner = text(&main.does(&["wallet", "show"])["chains"][&here]["owner"]);
    let (friend, spender, theirs) = friend(&net);
    friend.does(&["wallet", "follow", &theirs]);

    // An allowance is for an owner's account: it is filled first.
    main.does(&["transfer", "8", "--to", &format!("{here}/{owner}")]);
    main.does(&["approve", "5", "--spender", &spender]);
    let asked = ["allowance", "--owner", &owner, "--spender", &spender];
    assert_eq!(text(&main.does(&asked)["amount"]), "5");
    assert_eq!(main.fails(&["transfer", "1", "--to", &here, "--from", &spender]), "insufficient-funds");
    main.does(&["approve", "0", "--spender", &spender]);
    assert_eq!(text(&main.does(&asked)["amount"]), "0");

    // What somebody has on a chain of others, they have paid out to their own.
    main.does(&["transfer", "3", "--to", &format!("{here}/{spender}")]);
    friend.does(&["claim", "3", "--from", &here]);
    let waiting = main.does(&["inbox"]);
    assert_eq!(waiting["bundles"][0]["origin"], theirs.as_str(), "{waiting}");
    main.does(&["sync"]);
    assert_eq!(balance(main, &here, &spender), "0");
    let waiting = friend.does(&["inbox"]);
    assert_eq!((&waiting["bundles"][0]["origin"], &waiting["bundles"][0]["amount"]), (&here.into(), &"3".into()));
    friend.does(&["sync"]);
    assert_eq!(balance(&friend, &theirs, "chain"), "13");
    assert_eq!(friend.does(&["inbox"])["bundles"].as_array().unwrap().len(), 0);
}

#[test]
fn data_and_proofs_travel_and_bent_proofs_do_not_pass() {
    let net = Net::up();
    let main = &net.bank;
    let genesis = net.genesis.to_str().unwrap();

    let (photo, copy) = (file(&net, "photo"), file(&net, "copy"));
    fs::write(&photo, [7; 1_000]).unwrap();
    let published = main.does(&["blob", "publish", &photo]);
    main.does(&["blob", "read", &text(&published["blob"]), "--output", &copy]);
    assert_eq!(fs::read(&copy).unwrap(), [7; 1_000]);
    assert_eq!(main.fails(&["blob", "read", &format!("data:{}", "0".repeat(64)), "--output", &copy]), "not-found");

    let opened = text(&main.does(&["chain", "open", "--balance", "2"])["chain"]);
    let sent = main.does(&["transfer", "5", "--to", &opened]);
    let (message, state) = (file(&net, "message.json"), file(&net, "state.json"));
    main.does(&["proof", "message", "--height", &sent["height"].to_string(), "--output", &message]);
    main.does(&["proof", "state", "--output", &state]);
    let nobody = User { wallet: net.path("nobody") };
    let verified = nobody.does(&["proof", "verify", &state, "--genesis", genesis]);
    assert_eq!(verified["balance"], main.does(&["balance"])["balance"]);
    let told = program().args(["proof", "verify", &message, "--genesis", genesis]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("proved: block ") && told.contains(&format!("to chain {}", &opened[..8])), "{told}");

    let whole = fs::read_to_string(&state).unwrap();
    let bent = whole.replace(&text(&verified["claim"]["state"]["value"]), &"0".repeat(32));
    assert_ne!(bent, whole, "the proof names the value");
    fs::write(&state, bent).unwrap();
    assert_eq!(nobody.fails(&["proof", "verify", &state, "--genesis", genesis]), "refused");
    assert_eq!(main.fails(&["proof", "event", "--height", "0", "--output", &message]), "not-found");
}

#[test]
fn validators_can_be_listed_and_asked() {
    let net = Net::up();
    let main = &net.bank;
    let listed = main.does(&["validator", "list"]);
    let states: Vec<&Value> = listed["validators"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["answers"; 4]);
    let chain = &net.bank_chain;
    let asked = main.does(&["validator", "query", &net.endpoint, "--chain", chain]);
    assert_eq!((&asked["chain"]["chain"], &asked["validators"]), (&chain.as_str().into(), &4.into()));
    assert_eq!(main.fails(&["validator", "query", "http://127.0.0.1:1"]), "unreachable");
}
