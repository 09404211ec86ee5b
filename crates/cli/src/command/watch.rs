//! `myceline watch`: tells what happens to chains, as it happens, until it is interrupted.

use crate::{
    CliError, Context,
    interrupt::interrupted,
    output::{human, style},
};
use myceline_client::{Incoming, News};
use myceline_types::{BlockHeight, ChainId, Cursor};
use serde::Serialize;
use std::{fmt, pin::pin};

/// Tell what happens to chains, as it happens
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It goes on until Ctrl-C, and holds the wallet meanwhile. With --json, each event is a line.

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
    Watching { chains: Vec<ChainId> },
    Block { chain: ChainId, height: BlockHeight },
    Received { chain: ChainId, height: BlockHeight },
    Bundle { chain: ChainId, origin: ChainId, cursor: Cursor },
}

impl Watch {
    /// Tells it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let output = context.output;
        context.with_wallet(async |live| {
            let chains: Vec<ChainId> = match &self.chain {
                Some(named) => vec![live.chain(Some(named))?],
                None => live.wallet.chains().keys().copied().collect(),
            };
            let incoming = if self.receive { Incoming::Receive } else { Incoming::Leave };
            let mut following = live.client()?.follow(chains.clone(), incoming);
            let mut interrupted = pin!(interrupted());
            output.report(&Event::Watching { chains })?;
            loop {
                let news = tokio::select! {
                    news = following.next() => news,
                    () = &mut interrupted => None,
                };
                match news {
                    Some(news) => output.report(&Event::from(news))?,
                    None => return Ok(()),
                }
            }
        })
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
