//! What an application emits, shown by `myceline app events`.

use super::{
    kit::{Going, Net, User},
    typing::{COMPILED, ROOT},
};
use serde_json::{Value, json};

/// The feed, on the network's first chain. Gives its id.
fn social(net: &Net) -> String {
    let mut publish = net.bank.command(&["project", "publish", "--project", "apps/social"]);
    let output = publish.current_dir(ROOT).env("CARGO_TARGET_DIR", COMPILED).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    told["application"].as_str().unwrap().to_owned()
}

fn post(user: &User, text: &str) {
    let operation = json!({ "Post": { "text": text, "image": null } });
    user.does(&["app", "call", "social", &operation.to_string()]);
}

/// An event without its time, which nobody knows before.
fn shown(event: &Value) -> Value {
    let what = &event["value"]["what"]["Post"]["text"];
    json!([event["stream"], event["index"], event["height"], what])
}

fn all_shown(told: &Value) -> Vec<Value> {
    told["events"].as_array().unwrap().iter().map(shown).collect()
}

#[test]
fn what_was_emitted_is_shown_to_everybody_and_what_is_emitted_comes_as_it_happens() {
    let net = Net::up();
    let id = social(&net);
    post(&net.bank, "One");
    post(&net.bank, "Two");
    let (one, two) = (json!(["feed", 0, 1, "One"]), json!(["feed", 1, 2, "Two"]));
    assert_eq!(all_shown(&net.bank.does(&["app", "events", "social"])), [one.clone(), two.clone()]);
    let asked = ["app", "events", "social", "--stream", "feed", "--from", "1", "--limit", "5"];
    assert_eq!(all_shown(&net.bank.does(&asked)), std::slice::from_ref(&two));
    assert_eq!(all_shown(&net.bank.does(&["app", "events", "social", "--limit", "1"])), std::slice::from_ref(&one));
    assert_eq!(all_shown(&net.bank.does(&["app", "events", "social", "--stream", "other"])), [Value::Null; 0]);
    let unknown = "ab".repeat(32);
    assert_eq!(net.bank.fails(&["app", "events", &unknown]), "not-found");

    // Somebody who has no chain, and never saw this one.
    let (ann, _) = net.newcomer("ann");
    let asked = ["app", "events", &id, "--chain", &net.bank_chain, "--stream", "feed"];
    assert_eq!(all_shown(&ann.does(&asked)), [one.clone(), two.clone()]);
    let mut follower = Going::start(ann.command(&[&asked[..], &["--follow", "--limit", "3"]].concat()));
    // And the author's own wallet, which is used meanwhile.
    let mut author = Going::start(net.bank.command(&["app", "events", "social", "--follow", "--from", "1"]));
    assert_eq!((shown(&follower.told), shown(&follower.next())), (one, two.clone()));
    assert_eq!(shown(&author.told), two);
    post(&net.bank, "Three");
    let three = json!(["feed", 2, 3, "Three"]);
    assert_eq!((shown(&follower.next()), shown(&author.next())), (three.clone(), three));
    follower.ends();
}
