//! `myceline bench cross-chain`: from sending to spendable at the other chain.
//!
//! Sender and recipient are two clients with a store and connections each, as two wallets would be: the recipient learns of
//! a payment from a validator's notification and from nothing else. It is spendable when the recipient's own block that
//! takes it in is final.

use super::{
    ground::BenchClient,
    lanes::{Driven, Made, WARM_UP_PART, make},
    purse::pay,
    run::{Common, Outcome, Scenario, Scene},
};
use crate::{CliError, Code, Context};
use myceline_client::{Following, Incoming, News};
use myceline_types::{BlockHeight, ChainId, Cursor, Transaction};
use std::time::{Duration, Instant};

/// How long a payment may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Send to another wallet's chain, again and again, and wait each time until it can be spent there
#[derive(Debug, clap::Args)]
pub struct CrossChain {
    #[command(flatten)]
    common: Common,
}

impl CrossChain {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let scenario = Scenario { name: "cross-chain", chains: 2, transactions: 1 };
        self.common.run(&scenario, context, async |scene| {
            let mut pair = Pair::introduce(scene).await?;
            pair.send_for(scene.window / WARM_UP_PART).await?;
            let from = scene.ground.sample()?;
            let received_ms = pair.send_for(scene.window).await?;
            let to = scene.ground.sample()?;
            // The client that checks everything in the end has not seen what the other one made, and sees only what validators
            // were shown.
            pair.recipient.deliver(pair.to).await?;
            scene.client.sync(pair.to).await?;
            let driven = Driven { blocks: pair.blocks, from, to };
            Ok(Outcome { received_ms, ..driven.into() })
        })
    }
}

/// Two wallets, one of which sends to the other.
struct Pair<'a> {
    scene: &'a Scene,
    from: ChainId,
    to: ChainId,
    recipient: BenchClient,
    following: Following,
    blocks: Vec<Made>,
    turns: u32,
}

impl Pair<'_> {
    async fn introduce(scene: &Scene) -> Result<Pair<'_>, CliError> {
        let (from, to) = (scene.chains[0], scene.chains[1]);
        let recipient = scene.ground.client("recipient", scene.purse.secrets())?;
        recipient.sync(to).await?;
        let following = recipient.follow(vec![to], Incoming::Receive);
        Ok(Pair { scene, from, to, recipient, following, blocks: Vec::new(), turns: 0 })
    }

    /// Sends one payment after the other for so long, and says how many milliseconds each took to be spendable.
    async fn send_for(&mut self, time: Duration) -> Result<Vec<f64>, CliError> {
        let (until, mut times) = (Instant::now() + time, Vec::new());
        while Instant::now() < until {
            times.push(self.send_one().await?.as_secs_f64() * 1_000.0);
        }
        Ok(times)
    }

    async fn send_one(&mut self) -> Result<Duration, CliError> {
        let begun = Instant::now();
        let request = self.scene.purse.request(0, self.turns);
        self.turns += 1;
        let sent = make(&self.scene.client, self.from, request, vec![pay(self.to)]).await?;
        let height = sent.height;
        self.blocks.push(sent);
        loop {
            let (received, at) = self.next_received().await?;
            if self.takes_in(received, height).await? {
                return Ok(at - begun);
            }
        }
    }

    /// The next block by which the recipient takes something in, and when it was known to be final.
    async fn next_received(&mut self) -> Result<(BlockHeight, Instant), CliError> {
        let late = || CliError::new(Code::Unreachable, "a payment did not arrive at the other chain");
        loop {
            let news = tokio::time::timeout(PATIENCE, self.following.next()).await.map_err(|_| late())?;
            if let News::Received { height, .. } = news.ok_or_else(late)? {
                return Ok((height, Instant::now()));
            }
        }
    }

    /// Notes the recipient's block, and says whether it takes in what the sender's block at this height sent.
    async fn takes_in(&mut self, received: BlockHeight, sent: BlockHeight) -> Result<bool, CliError> {
        let lost = || CliError::new(Code::General, "a block that was just made is not in the store");
        let certified = self.recipient.block(self.to, received).await?.ok_or_else(lost)?;
        let takes = |transaction: &Transaction| {
            matches!(transaction, Transaction::Receive(incoming)
                if matches!(incoming.bundle.cursor, Cursor { height, .. } if height == sent))
        };
        let is_it = certified.block.proposed.transactions.iter().any(takes);
        self.blocks.push(Made {
            chain: self.to,
            height: received,
            hash: certified.certificate.block,
            at: Instant::now(),
            took: None,
            opened: Vec::new(),
        });
        Ok(is_it)
    }
}
