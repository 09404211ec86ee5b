//! The system's GraphQL: chains, money, blocks, and what is told of them.

use crate::{http::Subscription, kit::*};
use hyper::Method;
use myceline_service::{Node, Remote};
use myceline_types::{Amount, Holder};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_made_received_and_seen() {
    let served = Served::openly().await;
    let (main, savings) = (served.chain(0), served.chain(1));
    let ask = served.asker();
    let told = ask.data("/", "{ version chains { name isDefault chain { balance tip { nextHeight } } } }").await;
    let names: Vec<_> = told["chains"].as_array().unwrap().iter().map(|chain| chain["name"].clone()).collect();
    assert!(names.contains(&json!("main")) && names.contains(&json!("savings")), "{told}");

    let mut blocks = Subscription::open(
        served.address,
        &format!(r#"subscription {{ notifications(chainId: "{savings}") {{ event height block {{ hash }} }} }}"#),
    )
    .await;
    let transfer = format!(
        r#"mutation {{ transfer(chainId: "{main}", recipient: "{savings}", amount: "12.5") {{ height hash finalMs }} }}"#
    );
    let made = ask.data("/", &transfer).await;
    assert_eq!(made["transfer"]["height"], 0, "{made}");

    // The inbox is processed by itself: the savings get a block, and the subscriber hears of it.
    let block = in_time(async {
        loop {
            let told = blocks.next().await["data"]["notifications"].clone();
            if told["event"] == "NEW_BLOCK" {
                return told;
            }
        }
    })
    .await;
    assert_eq!(block["height"], 0);
    assert!(block["block"]["hash"].is_string(), "{block}");
    let balance =
        ask.data("/", &format!(r#"{{ chain(chainId: "{savings}") {{ balance inbox {{ origin }} }} }}"#)).await;
    assert_eq!(balance["chain"], json!({ "balance": "1012.5", "inbox": [] }));

    let blocks =
        ask.data("/", &format!(r#"{{ blocks(chainId: "{main}") {{ height hash author transactions }} }}"#)).await;
    assert_eq!(blocks["blocks"][0]["hash"], made["transfer"]["hash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_opened_used_and_closed() {
    let served = Served::openly().await;
    let (main, owner) = (served.chain(0), ann().owner());
    let ask = served.asker();
    let open = format!(
        r#"mutation {{ openChain(chainId: "{main}", owner: "{owner}", balance: "3", name: "shop") {{ chainId block {{ height }} }} }}"#
    );
    let opened = ask.data("/", &open).await["openChain"]["chainId"].as_str().unwrap().to_owned();
    let known = served.node.known().await.unwrap();
    assert!(known.iter().any(|known| known.chain.to_string() == opened && known.name.as_deref() == Some("shop")));

    let close = format!(r#"mutation {{ closeChain(chainId: "{opened}") {{ height }} }}"#);
    assert_eq!(ask.error("/", &close).await["extensions"]["code"], "usage", "three tokens would be lost");
    let empty = format!(
        r#"mutation {{
            transfer(chainId: "{opened}", recipient: "{main}", amount: "3") {{ height }}
            closeChain(chainId: "{opened}") {{ height }}
        }}"#
    );
    assert_eq!(ask.data("/", &empty).await["closeChain"]["height"], 1);
    let shown = ask
        .data("/", &format!(r#"{{ chain(chainId: "{opened}") {{ isClosed ownership {{ ledBy fastOwners }} }} }}"#))
        .await;
    assert_eq!(shown["chain"]["isClosed"], true);
    assert_eq!(shown["chain"]["ownership"]["fastOwners"], json!([owner.to_string()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_codes() {
    let served = Served::openly().await;
    let (main, ask) = (served.chain(0), served.asker());
    let code = async |query: String| ask.error("/", &query).await["extensions"]["code"].clone();
    let transfer = |amount| {
        format!(r#"mutation {{ transfer(chainId: "{main}", recipient: "{main}", amount: "{amount}") {{ height }} }}"#)
    };
    assert_eq!(code(transfer("5000")).await, "insufficient-funds");
    assert_eq!(code(transfer("0")).await, "refused");
    assert_eq!(code("{ nonsense }".into()).await, "usage");
    assert_eq!(code(r#"{ blob(blobId: "what?") }"#.into()).await, "usage");
    let nobody = "ab".repeat(32);
    assert_eq!(code(format!(r#"{{ chain(chainId: "{nobody}") {{ balance }} }}"#)).await, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_published_and_read_again() {
    let served = Served::openly().await;
    let (main, ask) = (served.chain(0), served.asker());
    let publish = format!(r#"mutation {{ publishDataBlob(chainId: "{main}", bytes: "c0ffee") {{ blobId }} }}"#);
    let id = ask.data("/", &publish).await["publishDataBlob"]["blobId"].as_str().unwrap().to_owned();
    assert_eq!(ask.data("/", &format!(r#"{{ blob(blobId: "{id}") }}"#)).await["blob"], "c0ffee");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_of_the_owner_uses_the_same_node() {
    let served = Served::openly().await;
    let main = served.chain(0);
    let remote = Node::new(Remote { address: served.address, token: WALLET_TOKEN.into() });
    assert_eq!(remote.owners().await.unwrap(), [ann().owner()].into());
    assert_eq!(remote.balance(main, Holder::Chain).await.unwrap(), Amount::from_tokens(1_000));
    assert_eq!(remote.known().await.unwrap(), served.node.known().await.unwrap());
    let failure = remote.query(main, myceline_types::ApplicationId(main.0), b"{}".to_vec()).await.unwrap_err();
    assert_eq!(
        failure,
        served.node.query(main, myceline_types::ApplicationId(main.0), b"{}".to_vec()).await.unwrap_err()
    );

    let stranger = Node::new(Remote { address: served.address, token: "guess".into() });
    assert_eq!(stranger.owners().await.unwrap_err().code.word(), "unauthorized");
    let bare = served.asker().status(Method::POST, concat!("/wallet/", env!("CARGO_PKG_VERSION"))).await;
    assert_eq!(bare, 401);
}
