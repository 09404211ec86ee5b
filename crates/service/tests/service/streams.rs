//! Event streams: what an application emits can be read by its index, and comes to chains that follow it by itself.

use crate::{http::Subscription, kit::*};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_emitted_comes_to_chains_that_follow_it_by_itself() {
    let served = Served::openly().await;
    let (author, reader, ask) = (served.chain(0), served.chain(1), served.asker());
    let path = served.application("social", "null").await;
    let application = path.rsplit('/').next().unwrap();
    let elsewhere = path.replace(&author.to_string(), &reader.to_string());
    // What was posted before comes too, and what is posted later.
    ask.data(&path, r#"mutation { post(text: "One") }"#).await;
    ask.data(&elsewhere, &format!(r#"mutation {{ follow(chain: "{author}") }}"#)).await;
    ask.data(&path, r#"mutation { post(text: "Two") }"#).await;

    let feed = format!(
        r#"subscription {{ queryResult(chainId: "{reader}", applicationId: "{application}", query: "{{ feed {{ text }} }}") }}"#
    );
    let mut feed = Subscription::open(served.address, &feed).await;
    let all = json!([{ "text": "Two" }, { "text": "One" }]);
    in_time(async { while feed.next().await["data"]["queryResult"]["data"]["feed"] != all {} }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_read_by_index_as_the_application_declares_them() {
    let served = Served::openly().await;
    let (author, ask) = (served.chain(0), served.asker());
    let path = served.application("social", "null").await;
    let application = path.rsplit('/').next().unwrap();
    for text in ["One", "Two", "Three"] {
        ask.data(&path, &format!(r#"mutation {{ post(text: "{text}") }}"#)).await;
    }
    let of = format!(r#"chainId: "{author}", applicationId: "{application}""#);
    let told = ask.data("/", &format!("{{ streams({of}) {{ name count }} }}")).await;
    assert_eq!(told["streams"], json!([{ "name": "feed", "count": 3 }]));

    let events = format!(
        r#"{{ eventsFromIndex({of}, stream: "feed", startIndex: 1, limit: 1) {{ index height value bytes }}
              rest: eventsFromIndex({of}, stream: "feed", startIndex: 2) {{ index }}
              none: eventsFromIndex({of}, stream: "nothing") {{ index }} }}"#
    );
    let told = ask.data("/", &events).await;
    let event = &told["eventsFromIndex"][0];
    assert_eq!((&event["index"], &event["height"]), (&1.into(), &3.into()), "{told}");
    assert_eq!(event["value"]["what"], json!({ "Post": { "text": "Two", "image": null } }), "{told}");
    assert!(event["bytes"].as_str().unwrap().contains(&hex::encode("Two")), "{told}");
    assert_eq!((&told["rest"], &told["none"]), (&json!([{ "index": 2 }]), &json!([])));

    let formats = ask.data("/", &format!(r#"{{ applicationFormats(applicationId: "{application}") }}"#)).await;
    let schema = &formats["applicationFormats"];
    assert_eq!(schema["properties"]["event"], json!({ "$ref": "#/$defs/Event" }), "{schema}");
    assert!(schema["$defs"]["What"]["oneOf"].is_array(), "{schema}");
}
