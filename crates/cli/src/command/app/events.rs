//! `myceline app events`: what an application has emitted on a chain, decoded as the application declares it.

use crate::{CliError, Context, interrupt::interrupted, live::LiveWallet, output::style};
use myceline_client::StreamEvent;
use myceline_service::{
    Inboxes,
    call::EVENTS_MAX,
    describe::{EventReader, stream_name, stream_named},
};
use myceline_types::{ApplicationId, BlockHeight, ChainId, Opaque, StreamId, api::PAGE_MAX};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, fmt, pin::pin};

/// Events that are told where nobody says how many.
const USUAL: u32 = 100;

/// Show what an application has emitted on a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Events of a chain that the wallet does not follow are fetched, each with the certified block that proves it.
With --follow it goes on until Ctrl-C, and with --json each event is then a line.

Examples:
  myceline app events social                              all streams, from the beginning
  myceline app events social --stream feed --from 10
  myceline app events social --stream feed --chain CHAIN  what was emitted on somebody else's chain
  myceline app events social --follow                     and what is emitted from now on")]
pub struct Events {
    /// The application: its name in the wallet, or its id
    application: String,
    /// Only this stream; a name that is no text as 0x and hexadecimal digits
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// The first index that is told, of each stream
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    from: u32,
    /// Tell at most so many [default: 100, and without end with --follow]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Go on with what is emitted from now on
    #[arg(long)]
    follow: bool,
    /// The chain that emitted [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was emitted.
#[derive(Serialize)]
struct Emitted {
    chain: ChainId,
    application: ApplicationId,
    events: Vec<Event>,
}

/// An event.
#[derive(Serialize)]
struct Event {
    stream: String,
    index: u32,
    height: BlockHeight,
    value: Value,
}

impl Events {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        if self.follow { self.tell_on(context) } else { self.tell_once(context) }
    }

    fn tell_once(self, context: &mut Context) -> Result<(), CliError> {
        let emitted = context.with_wallet(async |live| {
            let mut tail = Tail::new(&self, &live, self.limit.unwrap_or(USUAL)).await?;
            let mut events = Vec::new();
            let keep = |event| {
                events.push(event);
                Ok(())
            };
            tail.read(&live, keep).await?;
            Ok(Emitted { chain: tail.chain, application: tail.application, events })
        })?;
        context.output.report(&emitted)
    }

    fn tell_on(self, context: &mut Context) -> Result<(), CliError> {
        let output = context.output;
        context.keep_wallet(Inboxes::Manual, async |live| {
            let mut tail = Tail::new(&self, &live, self.limit.unwrap_or(u32::MAX)).await?;
            let mut interrupted = pin!(interrupted());
            // Whatever is emitted after this is news, so that nothing falls between reading and waiting.
            live.node.read_chain(tail.chain).await?;
            let mut place = live.node.news_place([tail.chain].into()).await?;
            loop {
                tail.read(&live, |event| output.report(&event)).await?;
                if tail.left == 0 {
                    return Ok(());
                }
                tokio::select! {
                    news = live.node.news([tail.chain].into(), place) => (_, place) = news?,
                    () = &mut interrupted => return Ok(()),
                }
            }
        })
    }
}

/// How far the events of an application have been read.
struct Tail {
    chain: ChainId,
    application: ApplicationId,
    /// The one stream that is asked for, if one is.
    only: Option<Opaque>,
    from: u32,
    /// How many events may still be told.
    left: u32,
    /// The next index of each stream.
    next: BTreeMap<Opaque, u32>,
    reader: EventReader,
}

impl Tail {
    async fn new(asked: &Events, live: &LiveWallet, left: u32) -> Result<Tail, CliError> {
        let chain = live.chain(asked.chain.as_deref())?;
        let application = live.application(&asked.application)?;
        let only = asked.stream.as_deref().map(stream_named);
        let is_own = live.wallet.chains().get(&chain).is_some_and(|known| known.owner.is_some());
        if only.is_none() && !is_own {
            // Which streams there are, the chain itself says.
            live.node.sync(chain).await?;
        }
        let reader = live.read_events(application).await?;
        Ok(Tail { chain, application, only, from: asked.from, left, next: BTreeMap::new(), reader })
    }

    /// Tells what is there and was not told.
    async fn read(
        &mut self,
        live: &LiveWallet,
        mut tell: impl FnMut(Event) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        for (name, count) in self.streams(live).await? {
            let stream = StreamId { application: self.application, name: name.clone() };
            let next = self.next.entry(name).or_insert(self.from);
            while self.left > 0 && *next < count {
                let limit = self.left.min(EVENTS_MAX).min(count - *next);
                let events = live.node.events(self.chain, stream.clone(), *next, limit).await?;
                if events.is_empty() {
                    break;
                }
                for StreamEvent { index, height, value } in events {
                    tell(Event { stream: stream_name(&stream.name), index, height, value: self.reader.value(&value) })?;
                    *next = index.saturating_add(1);
                    self.left -= 1;
                }
            }
        }
        Ok(())
    }

    /// The streams that are asked for, each with how many events it has. Of a stream with a name that is found out by reading.
    async fn streams(&self, live: &LiveWallet) -> Result<Vec<(Opaque, u32)>, CliError> {
        if let Some(only) = &self.only {
            return Ok(vec![(only.clone(), u32::MAX)]);
        }
        let mut streams: Vec<(Opaque, u32)> = Vec::new();
        loop {
            let after = streams.last().map(|(name, _)| name.clone());
            let mut page = live.node.streams(self.chain, self.application, after, PAGE_MAX).await?;
            if page.is_empty() {
                return Ok(streams);
            }
            streams.append(&mut page);
        }
    }
}

impl fmt::Display for Emitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.events.is_empty() {
            return write!(f, "nothing that was emitted is known there");
        }
        let lines: Vec<String> = self.events.iter().map(Event::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { stream, index, height, value } = self;
        write!(f, "{} {index}  {}  {value}", style::strong(stream), style::dim(format_args!("block {height}")))
    }
}
