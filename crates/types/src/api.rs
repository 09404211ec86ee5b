//! What a validator is asked and what it answers: every call of its API, spelt once. Transports carry the bytes.

use crate::{
    Blob, BlobId, BlockHash, BlockHeight, Certificate, CertifiedBlock, ChainDescription, ChainId, Cursor, Fact,
    Genesis, Hash, InboxEntry, NetworkId, Opaque, Owner, OwnerSignature, Proposal, Refusal, Round, TimeoutAnswer,
    TimeoutCertificate, TimeoutRequest,
    vote::{SignedVote, Vote},
    words,
};
use serde::{Deserialize, Serialize};

/// A call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Vote for a block: [`Response::Vote`].
    Propose(Box<ProposeRequest>),
    /// Take a certificate: confirm a validated block ([`Response::Vote`]) or commit a final one ([`Response::Committed`]).
    Certificate(Box<CertificateRequest>),
    /// Learn that a round was left: [`Response::Round`].
    TimeoutCertificate(Box<TimeoutCertificate>),
    /// Agree to leave a round: [`Response::Timeout`].
    LeaveRound(Box<LeaveRoundRequest>),
    /// Where does a chain stand? [`Response::Info`].
    Info {
        /// Which chain.
        chain: ChainId,
        /// Chosen by the asker, signed by the validator: the answer is fresh.
        nonce: u64,
    },
    /// Which bundles wait? [`Response::Inbox`], in the order of origins and cursors.
    Inbox {
        /// Whose inbox.
        chain: ChainId,
        /// Only what comes after this.
        after: Option<(ChainId, Cursor)>,
        /// At most so many, and at most [`PAGE_MAX`].
        limit: u32,
    },
    /// The certified blocks of a chain in order: [`Response::Blocks`].
    Blocks {
        /// Which chain.
        chain: ChainId,
        /// The first height.
        from: BlockHeight,
        /// At most so many, and at most [`PAGE_MAX`] or what fits into a message.
        limit: u32,
    },
    /// The certified blocks in the order in which this validator committed them: [`Response::Commits`].
    Commits {
        /// The first place in that order.
        from: u64,
        /// At most so many, and at most [`PAGE_MAX`] or what fits into a message.
        limit: u32,
    },
    /// Which blocks this validator committed, in that order and without their content: [`Response::CommitIndex`].
    CommitIndex {
        /// The first place in that order.
        from: u64,
        /// At most so many, and at most [`PAGE_MAX`].
        limit: u32,
    },
    /// The content of a certified blob: [`Response::Blob`].
    Blob(BlobId),
    /// The chains that an owner may propose on: a hint that the asker verifies. [`Response::Chains`].
    ChainsOf {
        /// Whose.
        owner: Owner,
        /// Only what comes after this.
        after: Option<ChainId>,
        /// At most so many, and at most [`PAGE_MAX`].
        limit: u32,
    },
    /// What a chain started with: [`Response::Description`].
    Description(ChainId),
    /// An entry of a chain's state with a proof against the tip's state root: [`Response::StateProof`].
    StateProof {
        /// Which chain.
        chain: ChainId,
        /// The entry's key.
        key: Opaque,
    },
    /// What the network started from: [`Response::Genesis`].
    Genesis,
    /// Which block made a fact known: a hint that the asker verifies. [`Response::Where`].
    Where(Fact),
}

/// The most entries of a page.
pub const PAGE_MAX: u32 = 1_000;

/// A proposal with what its voter may lack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProposeRequest {
    /// The proposal.
    pub proposal: Proposal,
    /// Makes the block before it final: a busy chain pays one exchange per block.
    pub parent: Option<Certificate>,
    /// The blobs that the block publishes.
    pub blobs: Vec<Blob>,
    /// Certified blocks that sent bundles which the block consumes, or that opened the chain.
    pub origins: Vec<CertifiedBlock>,
}

/// A certificate with what its receiver may lack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// The certificate.
    pub certificate: Certificate,
    /// The block, where the receiver may not have voted for it.
    pub block: Option<crate::Block>,
    /// The blobs that it publishes, likewise.
    pub blobs: Vec<Blob>,
}

/// A request to leave a round, with votes of others who do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LeaveRoundRequest {
    /// Signed by somebody who may propose.
    pub request: TimeoutRequest,
    /// Votes of weight above f make it too late to stay (R16).
    pub votes: Vec<SignedVote>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Response {
    /// The vote asked for. It is durable at the voter.
    Vote(SignedVote),
    /// The round was left.
    Timeout(Box<TimeoutAnswer>),
    /// The chain is in this round now.
    Round(Round),
    /// The block is durable at this validator, and so are the bundles that it sent.
    Committed {
        /// The chain's next height.
        next: BlockHeight,
    },
    /// Where a chain stands.
    Info(Box<SignedInfo>),
    /// Waiting bundles: origin, cursor, and what is remembered of them.
    Inbox(Vec<(ChainId, Cursor, InboxEntry)>),
    /// Certified blocks of a chain.
    Blocks(Vec<CertifiedBlock>),
    /// Certified blocks in the order of commits, and the place of the next one.
    Commits {
        /// The blocks with the blobs that they publish.
        commits: Vec<(CertifiedBlock, Vec<Blob>)>,
        /// Ask from here next time.
        next: u64,
    },
    /// Chains and heights in the order of commits, and the place of the next one.
    CommitIndex {
        /// What was committed.
        entries: Vec<(ChainId, BlockHeight)>,
        /// Ask from here next time.
        next: u64,
    },
    /// A blob, where it is certified here.
    Blob(Option<Blob>),
    /// Chains of an owner.
    Chains(Vec<ChainId>),
    /// What a chain started with, where it exists here.
    Description(Option<Box<ChainDescription>>),
    /// An entry of a chain's state.
    StateProof(Box<StateProofAnswer>),
    /// What the network started from.
    Genesis(Box<Genesis>),
    /// The chain and the height of a certified block that made a fact known, where it is known here.
    Where(Option<(ChainId, BlockHeight)>),
    /// No, and what repairs it.
    Refused(Box<Refusal>),
}

/// An entry of the state after a chain's last block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateProofAnswer {
    /// The last block's header.
    pub header: crate::Header,
    /// Makes that block final.
    pub certificate: Certificate,
    /// The value, or none.
    pub value: Option<Opaque>,
    /// Canonical bytes of the proof of the value, or of its absence, against the header's state root.
    pub proof: Opaque,
}

/// Where a chain stands at one validator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Info {
    /// Which chain.
    pub chain: ChainId,
    /// The asker's.
    pub nonce: u64,
    /// The height that is being decided.
    pub next: BlockHeight,
    /// The last block.
    pub tip: Option<BlockHash>,
    /// The round of the next height.
    pub round: Round,
    /// The validator's last vote at the next height.
    pub vote: Option<Vote>,
}

/// What a chain's standing is signed with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedInfo {
    /// What is said.
    pub info: Info,
    /// Who says it: a place in the committee.
    pub signer: u8,
    /// The validator's, as the owner that it is.
    pub signature: OwnerSignature,
}

static INFO: words::TypeHash = words::TypeHash::new("Info(bytes32 info)");

impl Info {
    /// The digest that the validator signs.
    pub fn digest(&self, network: NetworkId) -> Hash {
        words::signing_digest(network, words::hash([INFO.word(), Hash::of_value("Info", self).0]))
    }
}

/// Asks for notifications.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subscribe {
    /// About these chains; at most [`SUBSCRIBED_CHAINS_MAX`].
    pub chains: Vec<ChainId>,
    /// Only what comes after this, where an earlier stream broke off.
    pub resume: Option<u64>,
}

/// The most chains of one subscription.
pub const SUBSCRIBED_CHAINS_MAX: usize = 10_000;

/// Something happened at a validator. It is a hint: what it says is fetched and verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Its place among all notifications of this validator.
    pub sequence: u64,
    /// What happened.
    pub reason: Reason,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reason {
    /// A block was committed.
    NewBlock {
        /// On which chain.
        chain: ChainId,
        /// At which height.
        height: BlockHeight,
        /// Its name.
        block: BlockHash,
    },
    /// A bundle waits.
    Incoming {
        /// For whom.
        chain: ChainId,
        /// From whom.
        origin: ChainId,
        /// Which one.
        cursor: Cursor,
    },
    /// A chain entered another round.
    NewRound {
        /// Which chain.
        chain: ChainId,
        /// At which height.
        height: BlockHeight,
        /// Which round.
        round: Round,
    },
    /// Notifications before this one are no longer kept: look at the chains themselves.
    Gap,
}
