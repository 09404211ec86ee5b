//! Who may ask, and what a service that only reads refuses.

use crate::{http::Subscription, kit::*};
use hyper::Method;
use myceline_service::Access;
use serde_json::json;

const VERSION: &str = "{ version }";

fn guarded() -> Access {
    Access { token: Some("sixteen letters.".into()), origins: vec!["https://shop.example".into()] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_queries_and_subscriptions() {
    let served = Served::start(guarded(), false).await;
    assert_eq!(served.asker().error("/", VERSION).await["extensions"]["code"], "unauthorized");
    let path = format!("/chains/{0}/applications/{0}", served.chain(0));
    assert_eq!(served.asker().error(&path, "{ value }").await["extensions"]["code"], "unauthorized");
    served.asker().with("authorization", "Bearer sixteen letters.").data("/", VERSION).await;

    let query =
        format!(r#"subscription {{ notifications(chainId: "{}", fromHeight: 0) {{ height }} }}"#, served.chain(0));
    assert!(Subscription::begin(served.address, json!({}), &query).await.is_err());
    assert!(Subscription::begin(served.address, json!({ "token": "guess" }), &query).await.is_err());
    assert!(Subscription::begin(served.address, json!({ "token": "sixteen letters." }), &query).await.is_ok());
    // The page holds nothing that is secret.
    assert_eq!(served.asker().status(Method::GET, "/").await, 200);
    assert_eq!(served.asker().status(Method::GET, "/ready").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_ask_only_if_they_were_named() {
    let served = Served::start(Access { token: None, ..guarded() }, false).await;
    let from = |origin: &str| served.asker().with("origin", origin);
    from("https://shop.example").data("/", VERSION).await;
    assert_eq!(from("https://shop.example").status(Method::OPTIONS, "/").await, 204);
    assert_eq!(from("https://evil.example").error("/", VERSION).await["extensions"]["code"], "unauthorized");
    assert_eq!(from("https://evil.example").status(Method::OPTIONS, "/").await, 403);
    // A page whose own name was made to point to this machine.
    let rebound = served.asker().with("host", "evil.example").with("origin", "http://evil.example");
    assert_eq!(rebound.error("/", VERSION).await["extensions"]["code"], "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_only_reads_makes_no_blocks() {
    let served = Served::start(Access::default(), true).await;
    let main = served.chain(0);
    served.asker().data("/", &format!(r#"{{ chain(chainId: "{main}") {{ balance }} }}"#)).await;
    for mutation in [
        format!(r#"transfer(chainId: "{main}", recipient: "{main}", amount: "1") {{ height }}"#),
        format!(r#"processInbox(chainId: "{main}")"#),
        format!(r#"publishDataBlob(chainId: "{main}", bytes: "00") {{ blobId }}"#),
    ] {
        let error = served.asker().error("/", &format!("mutation {{ {mutation} }}")).await;
        assert_eq!(error["extensions"]["code"], "read-only", "{mutation}");
    }
    assert_eq!(served.node.next_height(main).await.unwrap().0, 0);
}
