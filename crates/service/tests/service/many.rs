//! Many readers of a busy chain: nobody misses anything.

use crate::{http::Subscription, kit::*};
use myceline_types::{ApplicationId, Operation};
use std::time::Duration;

/// Readers of blocks, and readers of the counter.
const BLOCK_READERS: usize = 150;
const VALUE_READERS: usize = 50;
/// Blocks per second.
const RATE: u64 = 50;
/// Blocks in the short form, which always runs. `MYCELINE_SERVICE_BLOCKS` asks for another number.
const BLOCKS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_readers_miss_nothing_of_fifty_blocks_per_second() {
    let blocks = std::env::var("MYCELINE_SERVICE_BLOCKS").ok().map_or(BLOCKS, |text| text.parse().unwrap());
    let served = Served::openly().await;
    let path = served.counter().await;
    let (main, application) = (served.chain(0), path.rsplit('/').next().unwrap().to_owned());
    let first = served.node.next_height(main).await.unwrap().0;

    let heights =
        format!(r#"subscription {{ notifications(chainId: "{main}", fromHeight: {first}) {{ event height }} }}"#);
    let values = format!(
        r#"subscription {{ queryResult(chainId: "{main}", applicationId: "{application}", query: "{{ value }}") }}"#
    );
    let mut readers = Vec::new();
    for _ in 0..BLOCK_READERS {
        let subscription = Subscription::open(served.address, &heights).await;
        readers.push(tokio::spawn(read_heights(subscription, first..first + blocks)));
    }
    for _ in 0..VALUE_READERS {
        let subscription = Subscription::open(served.address, &values).await;
        readers.push(tokio::spawn(read_values(subscription, 5 + blocks)));
    }

    let id: ApplicationId = application.parse().unwrap();
    let mut clock = tokio::time::interval(Duration::from_millis(1_000 / RATE));
    let began = std::time::Instant::now();
    for _ in 0..blocks {
        clock.tick().await;
        let bytes = myceline_types::Opaque(myceline_types::encoding::to_bytes(&(0_u8, 1_u64)));
        served.node.execute(main, Operation::Application { id, bytes }).await.unwrap();
    }
    let made = began.elapsed();
    for reader in readers {
        in_time(reader).await.unwrap();
    }
    println!(
        "{blocks} blocks in {made:?}, {:.1} per second; all of them read after {:?}",
        blocks as f64 / made.as_secs_f64(),
        began.elapsed()
    );
}

/// Every block, each once and in order.
async fn read_heights(mut subscription: Subscription, expected: std::ops::Range<u64>) {
    for height in expected {
        let told = subscription.next().await["data"]["notifications"].clone();
        assert_eq!((&told["event"], &told["height"]), (&"NEW_BLOCK".into(), &height.into()));
    }
}

/// Rising numbers up to the last one; a reader who is slow may skip some.
async fn read_values(mut subscription: Subscription, last: u64) {
    let mut before = 0;
    while before < last {
        let told = subscription.next().await;
        let value = told["data"]["queryResult"]["data"]["value"].as_u64().unwrap_or_else(|| panic!("{told}"));
        assert!(value > before && value <= last, "{value} after {before}");
        before = value;
    }
}
