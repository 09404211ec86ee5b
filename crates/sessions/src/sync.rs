//! Pulling the certified blocks of a chain in order, from one validator at a time, until a height is reached.
//!
//! Whoever sends something wrong, or nothing, is not asked again. The local node verifies and executes every block before
//! it counts.

use myceline_types::{
    Blob, BlobId, BlockHeight, CertifiedBlock, ChainId,
    api::{Request, Response},
};
use std::collections::VecDeque;

/// Blocks asked for at once.
const PAGE: u32 = 100;

/// A chain on its way to a height.
#[derive(Debug)]
pub struct Sync {
    chain: ChainId,
    next: BlockHeight,
    target: BlockHeight,
    /// Whom to ask, the best one first.
    sources: VecDeque<u8>,
    /// Blocks of the current source that are not stored yet.
    page: VecDeque<CertifiedBlock>,
    blobs: Vec<Blob>,
    /// Blobs that the first block of the page publishes and nobody has shown yet.
    wanted: Vec<BlobId>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The session may begin.
    Begin,
    /// The validator's answer to [`Effect::Ask`].
    Answer(Box<Response>),
    /// The validator did not answer.
    Silence,
    /// The block of [`Effect::Store`] was verified and stored.
    Stored,
    /// It proves nothing, or does not follow.
    Bad,
}

/// Something to be done. Each step asks for one thing.
#[derive(Debug)]
pub enum Effect {
    /// Ask this validator.
    Ask(u8, Request),
    /// Verify, execute and store this block with the blobs that it publishes.
    Store(Box<CertifiedBlock>, Vec<Blob>),
    /// The session is over: the chain has all blocks below this height.
    Done(BlockHeight),
}

impl Sync {
    /// Brings the blocks of `chain` from `next` until below `target`, from `sources` in this order.
    pub fn new(chain: ChainId, next: BlockHeight, target: BlockHeight, sources: impl IntoIterator<Item = u8>) -> Sync {
        let sources = sources.into_iter().collect();
        Sync { chain, next, target, sources, page: VecDeque::new(), blobs: Vec::new(), wanted: Vec::new() }
    }

    /// Steps the session.
    pub fn step(&mut self, event: Event) -> Effect {
        match event {
            Event::Begin => self.go_on(),
            Event::Answer(answer) => self.take(*answer),
            Event::Stored => {
                self.next = self.next.next().unwrap_or(self.target);
                self.begin_block()
            }
            Event::Silence | Event::Bad => self.next_source(),
        }
    }

    fn go_on(&mut self) -> Effect {
        match self.sources.front() {
            Some(source) if self.next < self.target => {
                let missing = u32::try_from(self.target.0 - self.next.0).unwrap_or(PAGE);
                Effect::Ask(*source, Request::Blocks { chain: self.chain, from: self.next, limit: missing.min(PAGE) })
            }
            _ => Effect::Done(self.next),
        }
    }

    fn take(&mut self, answer: Response) -> Effect {
        match answer {
            Response::Blocks(blocks) => self.take_page(blocks),
            Response::Blob(Some(blob)) if self.wanted.last() == Some(&blob.id()) => {
                self.wanted.pop();
                self.blobs.push(blob);
                self.store_next()
            }
            _ => self.next_source(),
        }
    }

    fn take_page(&mut self, blocks: Vec<CertifiedBlock>) -> Effect {
        let is_next = |(block, height): (&CertifiedBlock, u64)| {
            block.block.proposed.chain == self.chain && block.block.proposed.height.0 == height
        };
        if blocks.is_empty() || !blocks.iter().zip(self.next.0..).all(is_next) {
            return self.next_source();
        }
        self.page = blocks.into();
        self.begin_block()
    }

    /// Looks at the next block: what it publishes has to be here before it can be executed.
    fn begin_block(&mut self) -> Effect {
        self.blobs.clear();
        let Some(certified) = self.page.front().filter(|_| self.next < self.target) else { return self.go_on() };
        self.wanted = certified.block.outcome.blobs.clone();
        self.store_next()
    }

    fn store_next(&mut self) -> Effect {
        match (self.wanted.last(), self.sources.front()) {
            (Some(blob), Some(source)) => Effect::Ask(*source, Request::Blob(*blob)),
            _ => match self.page.pop_front() {
                Some(certified) => Effect::Store(Box::new(certified), std::mem::take(&mut self.blobs)),
                None => self.go_on(),
            },
        }
    }

    fn next_source(&mut self) -> Effect {
        self.page.clear();
        self.sources.pop_front();
        self.go_on()
    }
}
