//! `myceline watch`: tells what happens to chains, as it happens, until it is interrupted.

use crate::{
    CliError, Context,
    interrupt::interrupted,
    live::LiveWallet,
    output::{human, style},
};
use myceline_client::News;
use myceline_service::Inboxes;
use myceline_types::{BlockHeight, ChainId, Cursor};
use serde::Serialize;
use std::{collections::BTreeSet, fmt, pin::pin};

/// Tell what happens to chains, as it happens
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It goes on until Ctrl-C. With --json, each event is a line. Other commands of the same wallet work meanwhile.

Examples:
  myceline watch                       all chains of the wallet
  myceline watch --chain savings       one of them
  myceline watch --receive             and takes in what arrives at once")]
pub struct Watch {
    /// Only this chain
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Take in what arrives, at once
    #[arg(long)]
    receive: bool,
}

/// Something happened.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Watching { chains: BTreeSet<ChainId> },
    Block { chain: ChainId, height: BlockHeight },
    Received { chain: ChainId, height: BlockHeight },
    Bundle { chain: ChainId, origin: ChainId, cursor: Cursor },
}

impl Watch {
    /// Tells it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let output = context.output;
        let inboxes = if self.receive { Inboxes::Automatic } else { Inboxes::Manual };
        context.keep_wallet(inboxes, async |live| {
            let chains: BTreeSet<ChainId> = match &self.chain {
                Some(named) => [live.chain(Some(named))?].into(),
                None => live.wallet.chains().keys().copied().collect(),
            };
            let mut interrupted = pin!(interrupted());
            let mut place = live.node.news_place(chains.clone()).await?;
            output.report(&Event::Watching { chains: chains.clone() })?;
            loop {
                let news = tokio::select! {
                    news = live.node.news(chains.clone(), place) => news?,
                    () = &mut interrupted => return Ok(()),
                };
                place = news.1;
                for news in news.0 {
                    output.report(&Event::from(news))?;
                    self.take_in(&live, news).await;
                }
            }
        })
    }

    /// Takes in a bundle that waits, where that is wanted. What holds the wallet elsewhere may do so by itself, or not.
    async fn take_in(&self, live: &LiveWallet, news: News) {
        let News::Bundle { chain, .. } = news else { return };
        let is_own = live.wallet.chains().get(&chain).is_some_and(|known| known.owner.is_some());
        let is_wanted = self.receive && is_own && live.is_elsewhere();
        if is_wanted && let Err(why) = live.node.receive(chain).await {
            // It waits until the next one comes, or until myceline sync.
            tracing::warn!(%chain, why = %why.message, "what waits cannot be taken in now");
        }
    }
}

impl From<News> for Event {
    fn from(news: News) -> Event {
        match news {
            News::Block { chain, height } => Event::Block { chain, height },
            News::Received { chain, height } => Event::Received { chain, height },
            News::Bundle { chain, origin, cursor } => Event::Bundle { chain, origin, cursor },
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Watching { chains } => write!(f, "watching {} chains; Ctrl-C ends it", chains.len()),
            Event::Block { chain, height } => {
                write!(f, "{}  block {height}", style::strong(human::short(chain)))
            }
            Event::Received { chain, height } => {
                write!(f, "{}  received, in block {height}", style::strong(human::short(chain)))
            }
            Event::Bundle { chain, origin, cursor } => {
                let from = human::short(origin);
                write!(f, "{}  something from {from} waits, sent at {cursor}", style::strong(human::short(chain)))
            }
        }
    }
}
