//! Blocks: what is proposed, what came of it, and both together with a certificate.

use crate::{
    BlobId, BlockHash, BlockHeight, Certificate, ChainId, Cursor, Epoch, Hash, Header, MessageLink, Operation, Owner,
    Roots, SentMessage, StreamId, Timestamp, Transaction, encoding, encoding::Opaque, guest::HttpAnswer, header,
    merkle, message::Bundle,
};
use serde::{Deserialize, Serialize};

/// What an author proposes: everything that goes into a block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposedBlock {
    /// The chain.
    pub chain: ChainId,
    /// The chain's epoch.
    pub epoch: Epoch,
    /// One more than the chain's last block.
    pub height: BlockHeight,
    /// Not before the previous block and any bundle received.
    pub timestamp: Timestamp,
    /// The previous block.
    pub previous: Option<BlockHash>,
    /// Who makes it and answers for its operations.
    pub author: Option<Owner>,
    /// In order.
    pub transactions: Vec<Transaction>,
}

/// A proposed block with the oracle answers recorded when it was first executed: enough to execute it again anywhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body {
    /// What was proposed.
    pub proposed: ProposedBlock,
    /// What the oracles answered.
    pub oracle: Vec<OracleRecord>,
}

/// What an oracle answered to a transaction: anything that two honest validators could see differently (R5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OracleRecord {
    /// The transaction that asked.
    pub transaction: u32,
    /// The answer.
    pub answer: OracleAnswer,
}

/// What an oracle answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OracleAnswer {
    /// The web, as far as the request's projection keeps it.
    Web(HttpAnswer),
    /// A service.
    Service(Opaque),
    /// A clock: it was earlier than this.
    Before(Timestamp),
}

/// What an operation returned, where it returned something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OperationResult {
    /// The transaction.
    pub transaction: u32,
    /// What it returned.
    pub bytes: Opaque,
}

/// An event that a transaction emitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The transaction.
    pub transaction: u32,
    /// The stream.
    pub stream: StreamId,
    /// Its place in the stream, counted from zero without gaps.
    pub index: u32,
    /// What it says.
    pub value: Opaque,
}

/// Where in its chain the previous event of a stream was emitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventLink {
    /// The stream.
    pub stream: StreamId,
    /// The last block before this one that emitted into it.
    pub previous: BlockHeight,
}

/// What executing a block did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Messages sent, in order.
    pub messages: Vec<SentMessage>,
    /// Events emitted, in order.
    pub events: Vec<Event>,
    /// Oracle answers used, in order.
    pub oracle: Vec<OracleRecord>,
    /// Blobs published, in order.
    pub blobs: Vec<BlobId>,
    /// Results of operations, in order.
    pub results: Vec<OperationResult>,
    /// For each recipient that was sent to before, in the order of recipients.
    pub message_links: Vec<MessageLink>,
    /// For each stream that was emitted into before, in the order of streams.
    pub event_links: Vec<EventLink>,
    /// The root of the state.
    pub state: Hash,
}

/// A block with its outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Block {
    /// What was proposed.
    pub proposed: ProposedBlock,
    /// What came of it.
    pub outcome: Outcome,
}

/// A block with proof that it is final.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertifiedBlock {
    /// The block.
    pub block: Block,
    /// Makes it final.
    pub certificate: Certificate,
}

impl Block {
    /// The header, which commits to all of the block.
    pub fn header(&self) -> Header {
        let ProposedBlock { chain, epoch, height, timestamp, previous, author, .. } = self.proposed;
        Header { chain, epoch, height, timestamp, previous, author, roots: self.roots() }
    }

    /// The name of the block. Computes all roots.
    pub fn hash(&self) -> BlockHash {
        self.header().hash()
    }

    /// Enough to execute it again.
    pub fn body(&self) -> Body {
        Body { proposed: self.proposed.clone(), oracle: self.outcome.oracle.clone() }
    }

    /// The chains that it opened, in order.
    pub fn opened(&self) -> Vec<ChainId> {
        let id = |(index, transaction): (usize, &Transaction)| match transaction {
            Transaction::Execute(Operation::OpenChain(_)) => {
                let results = &self.outcome.results;
                let result = results.iter().find(|result| usize::try_from(result.transaction) == Ok(index))?;
                encoding::from_bytes(&result.bytes.0).ok()
            }
            _ => None,
        };
        self.proposed.transactions.iter().enumerate().filter_map(id).collect()
    }

    fn roots(&self) -> Roots {
        let outcome = &self.outcome;
        let mut lists = Lists::default();
        let ends = [
            lists.add(&self.proposed.transactions),
            lists.add(&outcome.messages),
            lists.add(&outcome.events),
            lists.add(&outcome.oracle),
            lists.add(&outcome.blobs),
            lists.add(&outcome.results),
            lists.add(&outcome.message_links),
            lists.add(&outcome.event_links),
        ];
        let [transactions, messages, events, oracle, blobs, results, message_links, event_links] = lists.roots(ends);
        let state = outcome.state;
        Roots { transactions, messages, events, oracle, blobs, results, message_links, event_links, state }
    }

    /// The bundles that this block sends, in the order of recipients and then of transactions.
    pub fn bundles(&self) -> Vec<(ChainId, Bundle)> {
        let mut sent: Vec<&SentMessage> = self.outcome.messages.iter().collect();
        sent.sort_by_key(|message| (message.recipient, message.transaction));
        let same_bundle =
            |a: &&SentMessage, b: &&SentMessage| (a.recipient, a.transaction) == (b.recipient, b.transaction);
        let mut bundles: Vec<(ChainId, Bundle)> = Vec::new();
        for messages in sent.chunk_by(same_bundle) {
            let (recipient, transaction) = (messages[0].recipient, messages[0].transaction);
            let before = bundles.last().filter(|(to, _)| *to == recipient).map(|(_, bundle)| bundle.cursor);
            let bundle = Bundle {
                cursor: Cursor { height: self.proposed.height, transaction },
                previous: before.or_else(|| self.link_to(recipient)),
                epoch: self.proposed.epoch,
                timestamp: self.proposed.timestamp,
                messages: messages.iter().map(|sent| sent.message.clone()).collect(),
            };
            bundles.push((recipient, bundle));
        }
        bundles
    }

    fn link_to(&self, recipient: ChainId) -> Option<Cursor> {
        self.outcome.message_links.iter().find(|link| link.recipient == recipient).map(|link| link.previous)
    }
}

/// The leaf of an entry of any list in a block.
pub fn list_leaf<T: Serialize>(entry: &T) -> Hash {
    merkle::leaf(&crate::encoding::to_bytes(entry))
}

/// The canonical bytes of the entries of lists, one list after the other, to be hashed together.
#[derive(Default)]
struct Lists {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
}

impl Lists {
    /// Adds a list; tells how many entries there are then.
    fn add<T: Serialize>(&mut self, entries: &[T]) -> usize {
        for entry in entries {
            encoding::write_to(&mut self.bytes, entry);
            self.ends.push(self.bytes.len());
        }
        self.ends.len()
    }

    /// The root of each list, by where it ends.
    fn roots<const LISTS: usize>(&self, ends: [usize; LISTS]) -> [Hash; LISTS] {
        let mut start = 0;
        let entry = |end: &usize| &self.bytes[std::mem::replace(&mut start, *end)..*end];
        let leaves = merkle::leaves(&self.ends.iter().map(entry).collect::<Vec<_>>());
        let mut start = 0;
        merkle::roots(ends.map(|end| &leaves[std::mem::replace(&mut start, end)..end]))
    }
}

/// One of the lists of a block that its header commits to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum List {
    /// The transactions.
    Transactions,
    /// The messages sent.
    Messages,
    /// The events emitted.
    Events,
}

/// Proof that an entry stands in a list of a block: checked against the block's header alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryProof {
    /// Which list.
    pub list: List,
    /// The canonical bytes of the entry.
    pub entry: Opaque,
    /// Where in the list it stands.
    pub proof: merkle::ListProof,
}

impl EntryProof {
    /// Proves the entry at `index` of a list of `block`; `None` where the list ends before it.
    pub fn new(block: &Block, list: List, index: usize) -> Option<EntryProof> {
        match list {
            List::Transactions => prove(list, &block.proposed.transactions, index),
            List::Messages => prove(list, &block.outcome.messages, index),
            List::Events => prove(list, &block.outcome.events, index),
        }
    }

    /// Whether the block with this header has the entry there.
    pub fn verify(&self, header: &header::Header) -> bool {
        let root = match self.list {
            List::Transactions => header.roots.transactions,
            List::Messages => header.roots.messages,
            List::Events => header.roots.events,
        };
        self.proof.verify(root, merkle::leaf(&self.entry.0))
    }
}

fn prove<T: Serialize>(list: List, entries: &[T], index: usize) -> Option<EntryProof> {
    let leaves: Vec<Hash> = entries.iter().map(list_leaf).collect();
    let proof = merkle::ListProof::new(&leaves, index)?;
    Some(EntryProof { list, entry: Opaque(crate::encoding::to_bytes(&entries[index])), proof })
}
