//! What a block does besides changing state, as it is recorded for the header. Rolled back with its transaction.

use crate::{problem::Problem, system::Emitted};
use myceline_types::{
    ApplicationId, Blob, BlobId, BlockHeight, ChainDescription, ChainId, Event, EventLink, Limits, Message,
    MessageLink, Opaque, OperationResult, OracleAnswer, OracleRecord, Outcome, SentMessage, StreamId, encoding,
    guest::LogLine,
};
use std::collections::{BTreeMap, BTreeSet};

/// The growing record of a block.
#[derive(Default)]
pub struct Record {
    messages: Vec<SentMessage>,
    /// Of the messages: kept, since to collect them for each transaction would cost the square of their number.
    recipients: BTreeSet<ChainId>,
    blobs: Vec<BlobId>,
    results: Vec<OperationResult>,
    message_links: Vec<MessageLink>,
    opened: Vec<ChainDescription>,
    events: Vec<Event>,
    event_links: Vec<EventLink>,
    oracle: Vec<OracleRecord>,
    created: Vec<Blob>,
    applications: u32,
    log: Vec<(ApplicationId, LogLine)>,
}

/// Lines of applications' logs kept of a block.
const LOG_LINES_MAX: usize = 1_000;

/// The length of a record at one moment.
pub struct Mark {
    messages: usize,
    blobs: usize,
    results: usize,
    message_links: usize,
    opened: usize,
    events: usize,
    event_links: usize,
    oracle: usize,
    created: usize,
    applications: u32,
}

impl Record {
    /// Remembers this moment.
    pub fn mark(&self) -> Mark {
        Mark {
            messages: self.messages.len(),
            blobs: self.blobs.len(),
            results: self.results.len(),
            message_links: self.message_links.len(),
            opened: self.opened.len(),
            events: self.events.len(),
            event_links: self.event_links.len(),
            oracle: self.oracle.len(),
            created: self.created.len(),
            applications: self.applications,
        }
    }

    /// Forgets everything since `mark`.
    pub fn rollback(&mut self, mark: &Mark) {
        if self.messages.len() > mark.messages {
            self.messages.truncate(mark.messages);
            self.recipients = self.messages.iter().map(|sent| sent.recipient).collect();
        }
        self.blobs.truncate(mark.blobs);
        self.results.truncate(mark.results);
        self.message_links.truncate(mark.message_links);
        self.opened.truncate(mark.opened);
        self.events.truncate(mark.events);
        self.event_links.truncate(mark.event_links);
        self.oracle.truncate(mark.oracle);
        self.created.truncate(mark.created);
        self.applications = mark.applications;
    }

    /// A message goes out.
    pub fn send(&mut self, transaction: u32, recipient: ChainId, message: Message) {
        self.recipients.insert(recipient);
        self.messages.push(SentMessage { transaction, recipient, message });
    }

    /// This block is the first to send to a recipient since the block of the link.
    pub fn link(&mut self, link: MessageLink) {
        self.message_links.push(link);
    }

    /// A blob is published.
    pub fn publish(&mut self, blob: BlobId) {
        self.blobs.push(blob);
    }

    /// An operation returned something.
    pub fn result(&mut self, transaction: u32, bytes: Vec<u8>) {
        self.results.push(OperationResult { transaction, bytes: Opaque(bytes) });
    }

    /// A chain is opened.
    pub fn open(&mut self, description: ChainDescription) {
        self.opened.push(description);
    }

    /// The block makes a blob: its content follows from executing it.
    pub fn create(&mut self, blob: Blob) {
        self.blobs.push(blob.id());
        self.created.push(blob);
    }

    /// A blob that this block made.
    pub fn created(&self, id: BlobId) -> Option<&Blob> {
        self.created.iter().find(|blob| blob.kind == id.kind && blob.id() == id)
    }

    /// Whether this block publishes a blob.
    pub fn publishes(&self, id: BlobId) -> bool {
        self.blobs.contains(&id)
    }

    /// An application is created: how many this block created before it.
    pub fn count_application(&mut self) -> u32 {
        let before = self.applications;
        self.applications += 1;
        before
    }

    /// An event is emitted on a stream on which so much was emitted before.
    pub fn emit(&mut self, transaction: u32, stream: StreamId, before: Emitted, height: BlockHeight, value: Opaque) {
        if let Some(previous) = before.last.filter(|last| *last < height) {
            self.event_links.push(EventLink { stream: stream.clone(), previous });
        }
        self.events.push(Event { transaction, stream, index: before.count, value });
    }

    /// An event of this block.
    pub fn event(&self, stream: &StreamId, index: u32) -> Option<&Opaque> {
        self.events.iter().find(|event| event.index == index && event.stream == *stream).map(|event| &event.value)
    }

    /// The events emitted since `mark`.
    pub fn events_since(&self, mark: &Mark) -> &[Event] {
        &self.events[mark.events..]
    }

    /// An oracle answered.
    pub fn answered(&mut self, transaction: u32, answer: OracleAnswer) {
        self.oracle.push(OracleRecord { transaction, answer });
    }

    /// How many answers of oracles were used so far.
    pub fn oracle_count(&self) -> usize {
        self.oracle.len()
    }

    /// An application says something to whoever runs this node. Not part of the block, and kept when it fails.
    pub fn log(&mut self, application: ApplicationId, line: LogLine) {
        if self.log.len() < LOG_LINES_MAX {
            self.log.push((application, line));
        }
    }

    /// What applications said.
    pub fn take_log(&mut self) -> Vec<(ApplicationId, LogLine)> {
        std::mem::take(&mut self.log)
    }

    /// How many chains were opened so far: part of the next one's origin.
    pub fn opened_count(&self) -> u32 {
        u32::try_from(self.opened.len()).unwrap_or(u32::MAX)
    }

    /// The messages sent since `mark`.
    pub fn messages_since(&self, mark: &Mark) -> &[SentMessage] {
        &self.messages[mark.messages..]
    }

    /// Checks the limits on what a block sends and publishes; `mark` is where the last transaction began.
    pub fn check(&self, mark: &Mark, limits: &Limits) -> Result<(), Problem> {
        at_most("messages", self.messages.len(), limits.messages)?;
        at_most("blobs", self.blobs.len(), limits.blobs)?;
        at_most("events", self.events.len(), limits.events)?;
        at_most("oracle answers", self.oracle.len(), limits.oracle_answers)?;
        let new = self.messages_since(mark);
        if new.is_empty() {
            return Ok(());
        }
        at_most("recipients", self.recipients.len(), limits.recipients)?;
        let mut bundles: BTreeMap<ChainId, usize> = BTreeMap::new();
        for sent in new {
            *bundles.entry(sent.recipient).or_default() += encoding::size_of(&sent.message);
        }
        let largest = bundles.into_values().max().unwrap_or_default();
        at_most("bytes in a bundle", largest, limits.bundle_bytes.saturating_sub(BUNDLE_OVERHEAD))
    }

    /// The outcome, but for the state root; the chains opened and the blobs made.
    pub fn finish(mut self) -> (Outcome, Vec<ChainDescription>, Vec<Blob>) {
        self.message_links.sort_by_key(|link| link.recipient);
        self.event_links.sort_by(|one, other| one.stream.cmp(&other.stream));
        let Record { messages, blobs, results, message_links, opened, events, event_links, oracle, created, .. } = self;
        let state = Outcome::default().state;
        (Outcome { messages, events, oracle, blobs, results, message_links, event_links, state }, opened, created)
    }
}

/// What a bundle's cursor, link, epoch, time and count take at most.
const BUNDLE_OVERHEAD: u64 = 64;

fn at_most(what: &'static str, count: usize, limit: u64) -> Result<(), Problem> {
    if count as u64 > limit { Err(Problem::Limit { what, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{Account, Amount, Hash, Holder, MessageContent, MessageKind, Owner, SystemMessage};

    fn message() -> Message {
        let owner = Owner::Ed25519([1; 32]);
        let recipient = Account { chain: chain(1), holder: Holder::Chain };
        let content = MessageContent::System(SystemMessage::Withdraw { owner, amount: Amount::ZERO, recipient });
        Message { kind: MessageKind::Simple, authority: Some(owner), content }
    }

    fn chain(number: u8) -> ChainId {
        ChainId(Hash([number; 32]))
    }

    #[test]
    fn a_recipient_counts_once_and_not_after_its_message_was_rolled_back() {
        let limits = Limits { recipients: 2, ..Limits::default() };
        let mut record = Record::default();
        record.send(0, chain(1), message());
        record.send(1, chain(1), message());
        let mark = record.mark();
        record.send(2, chain(2), message());
        assert_eq!(record.check(&mark, &limits), Ok(()));
        record.send(2, chain(3), message());
        assert!(record.check(&mark, &limits).is_err(), "three recipients");
        record.rollback(&mark);
        record.send(2, chain(3), message());
        assert_eq!(record.check(&mark, &limits), Ok(()));
    }
}
