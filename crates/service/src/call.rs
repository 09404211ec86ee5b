//! What can be asked of whoever holds a wallet, spelt once: this process itself, or the service that runs.
//!
//! Nothing here is for the public. What front ends may ask is in `graph`, and is carried out by these same calls.

use crate::failure::Failure;
use myceline_client::{MessagePolicy, News, Proof, RequestId, StreamEvent};
use myceline_types::{
    Amount, ApplicationId, Blob, BlobId, BlockHash, BlockHeight, CertifiedBlock, ChainId, Cursor, Epoch, Holder, List,
    Opaque, Origin, Owner, Ownership, Permissions, StreamId, Timestamp, Transaction,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// Events told at once.
pub const EVENTS_MAX: u32 = 256;
/// How long whoever asks for news waits where nothing happens: less than a call may take.
pub const NEWS_WAIT: Duration = Duration::from_secs(30);

/// A call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Call {
    /// For whom are there keys? [`Reply::Owners`].
    Owners,
    /// Which chains does the wallet have? [`Reply::Known`].
    Known,
    /// Keep a chain in the wallet, or say something new about it: [`Reply::Done`].
    Keep(KnownChain),
    /// Call an application so in the wallet: [`Reply::Done`].
    NameApplication(String, ApplicationId),
    /// From now on, this becomes of what others send to a chain of the wallet: [`Reply::Done`].
    SetPolicy(ChainId, Box<MessagePolicy>),
    /// Bring a chain up to date: [`Reply::Synced`].
    Sync(ChainId),
    /// Take in what waits for a chain: [`Reply::Blocks`].
    Receive(ChainId),
    /// Show a chain's last block to all validators: [`Reply::Done`].
    Deliver(ChainId),
    /// Make a block: [`Reply::Made`].
    Submit(Box<Order>),
    /// Where a chain stands, as it is known here: [`Reply::Chain`].
    Chain(ChainId),
    /// What is in an account: [`Reply::Amount`].
    Balance(ChainId, Holder),
    /// What an owner lets a spender spend: [`Reply::Amount`].
    Allowance {
        /// On which chain.
        chain: ChainId,
        /// Whose account it is.
        owner: Owner,
        /// Who may spend.
        spender: Owner,
    },
    /// The applications that keep something on a chain, in the order of their ids: [`Reply::Applications`].
    Applications {
        /// Which chain.
        chain: ChainId,
        /// Only those after this one.
        after: Option<ApplicationId>,
        /// At most so many.
        limit: u32,
    },
    /// The streams on which an application has emitted on a chain, in the order of their names: [`Reply::Streams`].
    Streams {
        /// Which chain.
        chain: ChainId,
        /// Which application.
        application: ApplicationId,
        /// Only those after this name.
        after: Option<Opaque>,
        /// At most so many.
        limit: u32,
    },
    /// Events of a stream in order, from here or with proof from a validator: [`Reply::Events`].
    Events {
        /// The chain that emitted them.
        chain: ChainId,
        /// Their stream.
        stream: StreamId,
        /// The first index.
        from: u32,
        /// At most so many, and at most [`EVENTS_MAX`].
        limit: u32,
    },
    /// What has happened to chains since a place, or from now on: [`Reply::News`]. Waits for at most [`NEWS_WAIT`].
    News {
        /// Which chains.
        chains: BTreeSet<ChainId>,
        /// Where the last reply ended.
        place: Option<u64>,
    },
    /// Ask the service of an application: [`Reply::Answer`].
    Query {
        /// About which chain.
        chain: ChainId,
        /// Which application.
        application: ApplicationId,
        /// The query in its own form.
        query: Opaque,
    },
    /// A certified block that is here: [`Reply::Block`].
    Block(ChainId, BlockHeight),
    /// A certified block, from here or from a validator: [`Reply::Block`].
    Certified(ChainId, BlockHeight),
    /// A published blob: [`Reply::Blob`].
    Blob(BlobId),
    /// The bundles that wait for a chain: [`Reply::Waiting`].
    Waiting(ChainId),
    /// The chains of an owner: [`Reply::Chains`].
    ChainsOf(Owner),
    /// Prove an entry of a list of a block: [`Reply::Proof`].
    ProveEntry {
        /// Which chain.
        chain: ChainId,
        /// Which block.
        height: BlockHeight,
        /// Which of its lists.
        list: List,
        /// Which entry.
        index: u64,
    },
    /// Prove an entry of a chain's state: [`Reply::Proof`].
    ProveState(ChainId, Opaque),
}

/// A reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// It is done.
    Done,
    /// For whom there are keys.
    Owners(BTreeSet<Owner>),
    /// The chains of the wallet.
    Known(Vec<KnownChain>),
    /// Where the chain stands.
    Synced(Synced),
    /// The heights of blocks that were made.
    Blocks(Vec<BlockHeight>),
    /// The block that was made.
    Made(Box<Made>),
    /// Where the chain stands.
    Chain(Box<ChainView>),
    /// Tokens.
    Amount(Amount),
    /// Applications.
    Applications(Vec<ApplicationId>),
    /// Streams, each with how many events it has.
    Streams(Vec<(Opaque, u32)>),
    /// Events.
    Events(Vec<StreamEvent>),
    /// What happened, and the place after it.
    News(Vec<News>, u64),
    /// What the application answers.
    Answer(Answer),
    /// A block, where there is one.
    Block(Option<Box<CertifiedBlock>>),
    /// A blob, where there is one.
    Blob(Option<Blob>),
    /// Bundles that wait.
    Waiting(BTreeSet<(ChainId, Cursor)>),
    /// Chains.
    Chains(Vec<ChainId>),
    /// A proof, where there is one.
    Proof(Option<Box<Proof>>),
}

/// What came of a call.
pub type Outcome = Result<Reply, Failure>;

/// A chain of the wallet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownChain {
    /// Which.
    pub chain: ChainId,
    /// What its owner calls it.
    pub name: Option<String>,
    /// For whom the wallet signs on it; nobody where it is only followed.
    pub owner: Option<Owner>,
    /// Whether commands mean it when they name none.
    pub is_default: bool,
}

/// A block to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// On which chain.
    pub chain: ChainId,
    /// Under one request it is made at most once.
    pub request: RequestId,
    /// What it does.
    pub transactions: Vec<Transaction>,
    /// What it publishes.
    pub blobs: Vec<Blob>,
    /// What to wait for.
    pub wait: Wait,
}

/// What to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Wait {
    /// Until the block is final.
    #[default]
    Final,
    /// Until it was executed here: only this wallet's owner could still change it.
    Preconfirmed,
}

/// A block that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// On which chain.
    pub chain: ChainId,
    /// At which height.
    pub height: BlockHeight,
    /// Its name.
    pub hash: BlockHash,
    /// The chains that it opened.
    pub opened: Vec<ChainId>,
    /// What its operations returned, in order, where they returned something.
    pub results: Vec<Opaque>,
    /// Microseconds until it was executed here.
    pub preconfirmed_us: u64,
    /// Microseconds until it was final, if that was waited for.
    pub final_us: Option<u64>,
}

/// Where a chain stands after bringing it up to date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Synced {
    /// The next height.
    pub next: BlockHeight,
    /// Whether enough validators say that there is no later block.
    pub is_current: bool,
}

/// What is known of a chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChainView {
    /// Which chain.
    pub chain: ChainId,
    /// Where it comes from, where that is known here.
    pub origin: Option<Origin>,
    /// Whose committee certifies its blocks.
    pub epoch: Epoch,
    /// The next height.
    pub next: BlockHeight,
    /// The last block.
    pub tip: Option<BlockHash>,
    /// The time of the last block.
    pub timestamp: Timestamp,
    /// Whether it only rejects bundles.
    pub is_closed: bool,
    /// What the chain itself has.
    pub balance: Amount,
    /// Who may propose.
    pub ownership: Ownership,
    /// Which applications may act.
    pub permissions: Permissions,
}

/// What an application answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The answer in its own form.
    pub answer: Opaque,
    /// Operations of the application that are to be put into a block.
    pub scheduled: Vec<Opaque>,
}
