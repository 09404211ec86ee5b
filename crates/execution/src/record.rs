//! What a block does besides changing state, as it is recorded for the header. Rolled back with its transaction.

use crate::problem::Problem;
use myceline_types::{
    BlobId, ChainDescription, ChainId, Limits, Message, MessageLink, Opaque, OperationResult, Outcome, SentMessage,
    encoding,
};
use std::collections::{BTreeMap, BTreeSet};

/// The growing record of a block.
#[derive(Default)]
pub struct Record {
    messages: Vec<SentMessage>,
    blobs: Vec<BlobId>,
    results: Vec<OperationResult>,
    message_links: Vec<MessageLink>,
    opened: Vec<ChainDescription>,
}

/// The length of a record at one moment.
pub struct Mark {
    messages: usize,
    blobs: usize,
    results: usize,
    message_links: usize,
    opened: usize,
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
        }
    }

    /// Forgets everything since `mark`.
    pub fn rollback(&mut self, mark: &Mark) {
        self.messages.truncate(mark.messages);
        self.blobs.truncate(mark.blobs);
        self.results.truncate(mark.results);
        self.message_links.truncate(mark.message_links);
        self.opened.truncate(mark.opened);
    }

    /// A message goes out.
    pub fn send(&mut self, transaction: u32, recipient: ChainId, message: Message) {
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
        let new = self.messages_since(mark);
        if new.is_empty() {
            return Ok(());
        }
        let recipients: BTreeSet<ChainId> = self.messages.iter().map(|message| message.recipient).collect();
        at_most("recipients", recipients.len(), limits.recipients)?;
        let mut bundles: BTreeMap<ChainId, usize> = BTreeMap::new();
        for sent in new {
            *bundles.entry(sent.recipient).or_default() += encoding::size_of(&sent.message);
        }
        let largest = bundles.into_values().max().unwrap_or_default();
        at_most("bytes in a bundle", largest, limits.bundle_bytes.saturating_sub(BUNDLE_OVERHEAD))
    }

    /// The outcome, but for the state root, and the chains opened.
    pub fn finish(mut self) -> (Outcome, Vec<ChainDescription>) {
        self.message_links.sort_by_key(|link| link.recipient);
        let Record { messages, blobs, results, message_links, opened } = self;
        (Outcome { messages, blobs, results, message_links, ..Outcome::default() }, opened)
    }
}

/// What a bundle's cursor, link, epoch, time and count take at most.
const BUNDLE_OVERHEAD: u64 = 64;

fn at_most(what: &'static str, count: usize, limit: u64) -> Result<(), Problem> {
    if count as u64 > limit { Err(Problem::Limit { what, limit }) } else { Ok(()) }
}
