//! Applications at their own addresses, and their answers kept live.

use crate::{http::Subscription, kit::*};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_published_asked_and_changed() {
    let served = Served::openly().await;
    let (path, ask) = (served.counter().await, served.asker());
    assert_eq!(ask.data(&path, "{ value }").await, json!({ "value": 5 }));
    let answer = ask.ask(&path, &json!({ "query": "mutation { increment(by: 37) }" })).await;
    assert_eq!(answer["extensions"]["block"]["height"], 2, "{answer}");
    assert_eq!(answer["extensions"]["block"]["isFinal"], true);
    assert_eq!(ask.data(&path, "{ value }").await, json!({ "value": 42 }));

    let soon =
        ask.ask(&format!("{path}?wait=preconfirmed"), &json!({ "query": "mutation { increment(by: 1) }" })).await;
    assert_eq!(soon["extensions"]["block"]["isFinal"], false, "{soon}");
    let application = path.rsplit('/').next().unwrap();
    let listed = ask.data("/", &format!(r#"{{ applications(chainId: "{}") }}"#, served.chain(0))).await;
    assert_eq!(listed["applications"], json!([application]));
    let call = format!(
        r#"mutation {{ callApplication(chainId: "{}", applicationId: "{application}", operation: {{ Increment: {{ by: 7 }} }}) {{ response }} }}"#,
        served.chain(0)
    );
    assert_eq!(ask.data("/", &call).await["callApplication"]["response"], 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_a_contract_is_seen_with_its_place_and_undone() {
    let served = Served::openly().await;
    let (path, ask) = (served.counter().await, served.asker());
    ask.data(&path, "mutation { increment(by: 9223372036854775807) }").await;
    let error = ask.error(&path, "mutation { increment(by: 9223372036854775807) }").await;
    assert_eq!(error["extensions"]["code"], "application-failed", "{error}");
    assert_eq!(error["extensions"]["text"], "the number fits in 64 bits");
    assert_eq!(error["extensions"]["file"], "apps/counter/src/contract.rs");
    assert!(error["extensions"]["line"].as_u64().is_some_and(|line| line > 30), "{error}");
    assert_eq!(ask.data(&path, "{ value }").await, json!({ "value": 9_223_372_036_854_775_812_u64 }));
    let unknown = path.replace(path.rsplit('/').next().unwrap(), &"ab".repeat(32));
    assert_eq!(ask.error(&unknown, "{ value }").await["extensions"]["code"], "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_answer_is_told_when_it_changes_and_only_then() {
    let served = Served::openly().await;
    let (path, ask) = (served.counter().await, served.asker());
    let (main, application) = (served.chain(0), path.rsplit('/').next().unwrap());
    let live = |query: &str| {
        format!(
            r#"subscription {{ queryResult(chainId: "{main}", applicationId: "{application}", query: "{query}") }}"#
        )
    };
    let mut values = Subscription::open(served.address, &live("{ value }")).await;
    let value = |told: serde_json::Value| told["data"]["queryResult"]["data"]["value"].clone();
    assert_eq!(value(in_time(values.next()).await), 5);
    // A block that leaves the number alone is not told.
    let transfer =
        format!(r#"mutation {{ transfer(chainId: "{main}", recipient: "{main}", amount: "1") {{ height }} }}"#);
    ask.data("/", &transfer).await;
    ask.data(&path, "mutation { increment(by: 1) }").await;
    assert_eq!(value(in_time(values.next()).await), 6);

    let mut mutation = Subscription::open(served.address, &live("mutation { increment(by: 1) }")).await;
    let refused = in_time(mutation.next()).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "usage", "{refused}");
    assert_eq!(ask.data(&path, "{ value }").await, json!({ "value": 6 }));
}
