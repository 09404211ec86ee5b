//! Repairing one validator: it refused a request since it lacks something, gets that, and is asked again.
//!
//! What it may lack is the blocks before this one, the chain itself, the blocks that sent bundles or made facts known, blobs
//! or a body. Each kind is brought at most once, and each fact, so the session ends whatever the validator says. Where blocks come from is the driver's
//! business; their receiver verifies them.

use myceline_types::{
    Blob, BlobId, Block, BlockHash, BlockHeight, CertifiedBlock, ChainDescription, ChainId, Fact, Missing, Origin,
    Refusal, Transaction,
    api::{CertificateRequest, Request, Response},
};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks that are sent before looking at the answers.
pub const PAGE: u64 = 32;
/// Blocks that one session brings. A validator that lacks more is away and catches up from its peers.
const BLOCKS_MAX: u64 = 4_096;
/// Chains on the way from a chain that is not known to one that is.
const DEPTH_MAX: usize = 64;

/// Facts that one session brings.
const FACTS_MAX: usize = 256;

/// A validator being repaired.
#[derive(Debug)]
pub struct Repair {
    /// What is asked again in the end, with what it came to lack.
    request: Request,
    /// What is being brought; the last one first.
    bringing: Vec<Bring>,
    brought: u64,
    done: BTreeSet<Class>,
    /// A refusal that is worked on.
    refusal: Box<Refusal>,
}

/// Blocks of a chain on their way to the validator.
#[derive(Debug)]
struct Bring {
    chain: ChainId,
    /// The first that it lacks, as far as is known.
    from: BlockHeight,
    up_to: BlockHeight,
    /// Whether the validator has said where it is.
    is_placed: bool,
}

/// A kind of lack. Each is repaired once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    Blocks(ChainId),
    Chain(ChainId),
    Bundles,
    Blobs,
    Body,
    Fact(Fact),
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The validator refused the request: the session begins.
    Refused(Box<Refusal>),
    /// What [`Effect::Find`] found.
    Found(Found),
    /// Nobody has what [`Effect::Find`] asked for.
    NotFound,
    /// The answers to [`Effect::Send`], in the order of the requests.
    Answers(Vec<Response>),
    /// The validator does not answer any more.
    Silence,
}

/// Something to be done. Each step asks for one thing.
#[derive(Debug)]
pub enum Effect {
    /// Find this, here or at other validators.
    Find(Want),
    /// Send these to the validator in this order, without waiting in between.
    Send(Vec<Request>),
    /// The session is over, and this is the validator's answer to the request.
    Done(Response),
    /// The session is over: the validator cannot be repaired by this client.
    GiveUp(Box<Refusal>),
}

/// Something to find.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Want {
    /// Certified blocks of a chain from one height to another, both included, with the blobs that they publish.
    Blocks {
        /// Which chain.
        chain: ChainId,
        /// The first.
        from: BlockHeight,
        /// The last.
        up_to: BlockHeight,
    },
    /// What a chain started with.
    Description(ChainId),
    /// Blobs.
    Blobs(Vec<BlobId>),
    /// The certified blocks that made facts known.
    Sources(Vec<Fact>),
    /// A block of the height that is being decided.
    Block(BlockHash),
}

/// Something found.
#[derive(Debug)]
pub enum Found {
    /// Certified blocks in order with the blobs that they publish, perhaps fewer than asked for.
    Blocks(Vec<(CertifiedBlock, Vec<Blob>)>),
    /// What a chain started with.
    Description(Box<ChainDescription>),
    /// Blobs.
    Blobs(Vec<Blob>),
    /// Where the facts asked for were made known.
    Sources(Vec<(ChainId, BlockHeight)>),
    /// A block of the height that is being decided, with the blobs that it publishes.
    Block(Box<Block>, Vec<Blob>),
}

impl Repair {
    /// A session that ends with an answer to `request`: a proposal, a certificate or a request about rounds.
    pub fn new(request: Request) -> Repair {
        let refusal = Box::new(Refusal::Busy);
        Repair { request, bringing: Vec::new(), brought: 0, done: BTreeSet::new(), refusal }
    }

    /// Steps the session.
    pub fn step(&mut self, event: Event) -> Effect {
        match event {
            Event::Refused(refusal) => self.repair(refusal),
            Event::Found(found) => self.bring(found),
            Event::Answers(answers) if self.bringing.is_empty() => self.asked_again(answers),
            Event::Answers(answers) => self.brought(answers),
            Event::NotFound | Event::Silence => self.give_up(),
        }
    }

    /// The request itself was refused.
    fn repair(&mut self, refusal: Box<Refusal>) -> Effect {
        self.refusal = refusal;
        let Some((chain, height)) = subject(&self.request) else { return self.give_up() };
        match Refusal::clone(&self.refusal) {
            Refusal::Lagging { next } if next < height && self.may(Class::Blocks(chain)) => {
                self.bring_up_to(chain, next, before(height), true)
            }
            Refusal::UnknownChain(chain) => self.bring_chain(chain),
            Refusal::Missing(missing) => self.bring_missing(missing, chain, height),
            _ => self.give_up(),
        }
    }

    /// A chain exists at a validator as soon as the block that opened it is there.
    fn bring_chain(&mut self, chain: ChainId) -> Effect {
        if self.may(Class::Chain(chain)) { Effect::Find(Want::Description(chain)) } else { self.give_up() }
    }

    fn bring_missing(&mut self, missing: Missing, chain: ChainId, height: BlockHeight) -> Effect {
        let Missing { blobs, bundles, body, events } = missing;
        if !bundles.is_empty() && self.may(Class::Bundles) {
            let places = bundles.iter().map(|(origin, cursor)| (*origin, cursor.height));
            self.bringing.extend(stretches(places));
            return self.go_on();
        }
        if blobs.iter().any(|blob| self.may_publish(*blob)) && self.may(Class::Blobs) {
            return Effect::Find(Want::Blobs(blobs));
        }
        let events = events.into_iter().map(|(chain, stream, index)| Fact::Event(chain, stream, index));
        let facts: Vec<Fact> = blobs.into_iter().map(Fact::Blob).chain(events).collect();
        if !facts.is_empty() && self.done.len() + facts.len() <= FACTS_MAX {
            let are_new = facts.iter().all(|fact| self.may(Class::Fact(fact.clone())));
            return if are_new { Effect::Find(Want::Sources(facts)) } else { self.give_up() };
        }
        let Some(block) = body.filter(|_| self.may(Class::Body)) else { return self.give_up() };
        match &self.request {
            Request::Certificate(_) => Effect::Find(Want::Block(block)),
            // A proposal brings the certificate of the block before it: that one is what the validator has not seen.
            _ => self.bring_up_to(chain, before(height), before(height), false),
        }
    }

    /// Takes what was found to the validator.
    fn bring(&mut self, found: Found) -> Effect {
        match found {
            Found::Blocks(blocks) if blocks.is_empty() => self.give_up(),
            Found::Blocks(blocks) => {
                self.brought += blocks.len() as u64;
                Effect::Send(blocks.into_iter().map(certificate_request).collect())
            }
            Found::Description(description) => match description.origin {
                Origin::Child { parent, height, .. } => self.bring_up_to(parent, height, height, false),
                Origin::Root { .. } => self.give_up(),
            },
            Found::Blobs(blobs) => {
                match &mut self.request {
                    Request::Propose(request) => request.blobs = blobs,
                    Request::Certificate(request) => request.blobs = blobs,
                    _ => (),
                }
                self.go_on()
            }
            Found::Sources(places) => {
                self.bringing.extend(stretches(places));
                self.go_on()
            }
            Found::Block(block, blobs) => {
                if let Request::Certificate(request) = &mut self.request {
                    request.block = Some(*block);
                    request.blobs = blobs;
                }
                self.go_on()
            }
        }
    }

    fn bring_up_to(&mut self, chain: ChainId, from: BlockHeight, up_to: BlockHeight, is_placed: bool) -> Effect {
        if self.bringing.len() >= DEPTH_MAX {
            return self.give_up();
        }
        self.bringing.push(Bring { chain, from, up_to, is_placed });
        self.go_on()
    }

    /// The next blocks, or the request again where nothing is left to bring.
    fn go_on(&mut self) -> Effect {
        match self.bringing.last() {
            None => Effect::Send(vec![self.request.clone()]),
            Some(_) if self.brought >= BLOCKS_MAX => self.give_up(),
            Some(bring) => {
                let page_end = BlockHeight(bring.from.0.saturating_add(PAGE - 1));
                Effect::Find(Want::Blocks { chain: bring.chain, from: bring.from, up_to: bring.up_to.min(page_end) })
            }
        }
    }

    /// What the validator says of the blocks that it was sent.
    fn brought(&mut self, answers: Vec<Response>) -> Effect {
        let Some(bring) = self.bringing.last_mut() else { return self.give_up() };
        let before = bring.from;
        for answer in answers {
            match answer {
                Response::Committed { next } => bring.from = bring.from.max(next),
                Response::Refused(refusal) => self.refusal = refusal,
                _ => (),
            }
        }
        if bring.from > bring.up_to {
            self.bringing.pop();
            return self.go_on();
        }
        if bring.from > before {
            return self.go_on();
        }
        let is_placed = std::mem::replace(&mut bring.is_placed, true);
        match *self.refusal {
            Refusal::Lagging { next } if !is_placed && next < bring.from => {
                bring.from = next;
                self.go_on()
            }
            Refusal::UnknownChain(chain) if chain == bring.chain => {
                // A chain that begins to exist at a validator lacks all of its blocks.
                bring.from = BlockHeight::ZERO;
                self.bring_chain(chain)
            }
            _ => self.give_up(),
        }
    }

    /// The answer to the request, or another thing that is lacking.
    fn asked_again(&mut self, answers: Vec<Response>) -> Effect {
        match answers.into_iter().next() {
            Some(Response::Refused(refusal)) if is_lack(&refusal) => self.repair(refusal),
            Some(answer) => Effect::Done(answer),
            None => self.give_up(),
        }
    }

    /// Whether the block of the request publishes this blob, as far as the request says: its content then travels with it.
    fn may_publish(&self, blob: BlobId) -> bool {
        let proposed = match &self.request {
            Request::Propose(request) => Some(&request.proposal.body.proposed),
            Request::Certificate(request) => request.block.as_ref().map(|block| &block.proposed),
            _ => None,
        };
        let Some(proposed) = proposed else { return true };
        proposed.transactions.iter().any(|transaction| match transaction {
            Transaction::Execute(operation) => operation.published().contains(&blob),
            Transaction::Receive(_) | Transaction::Skip { .. } => false,
        })
    }

    /// Whether this kind of lack was not repaired before.
    fn may(&mut self, class: Class) -> bool {
        self.done.insert(class)
    }

    fn give_up(&self) -> Effect {
        Effect::GiveUp(self.refusal.clone())
    }
}

/// The chain and height that a request is about; `None` for one that lacks nothing at a validator.
pub fn subject(request: &Request) -> Option<(ChainId, BlockHeight)> {
    match request {
        Request::Propose(request) => {
            Some((request.proposal.body.proposed.chain, request.proposal.body.proposed.height))
        }
        Request::Certificate(request) => Some((request.certificate.slot.chain, request.certificate.slot.height)),
        Request::TimeoutCertificate(timeout) => Some((timeout.slot.chain, timeout.slot.height)),
        Request::LeaveRound(request) => Some((request.request.slot.chain, request.request.slot.height)),
        _ => None,
    }
}

/// Whether a refusal says that the validator lacks something that can be brought.
fn is_lack(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Missing(_) | Refusal::Lagging { .. } | Refusal::UnknownChain(_))
}

/// For each chain the stretch of its blocks from the first of these to the last: the blocks before them come with them if
/// need be.
fn stretches(places: impl IntoIterator<Item = (ChainId, BlockHeight)>) -> Vec<Bring> {
    let mut chains = BTreeMap::<ChainId, (BlockHeight, BlockHeight)>::new();
    for (chain, height) in places {
        let (from, up_to) = chains.entry(chain).or_insert((height, height));
        (*from, *up_to) = ((*from).min(height), (*up_to).max(height));
    }
    let bring = |(chain, (from, up_to))| Bring { chain, from, up_to, is_placed: false };
    chains.into_iter().map(bring).collect()
}

fn before(height: BlockHeight) -> BlockHeight {
    BlockHeight(height.0.saturating_sub(1))
}

fn certificate_request((certified, blobs): (CertifiedBlock, Vec<Blob>)) -> Request {
    let CertifiedBlock { block, certificate } = certified;
    Request::Certificate(Box::new(CertificateRequest { certificate, block: Some(block), blobs }))
}
