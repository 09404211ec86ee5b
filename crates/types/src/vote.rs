//! Votes: what one validator says about one height of one chain, and the signature that covers a batch of them.

use crate::{
    BlockHash, BlockHeight, ChainId, Epoch, Hash, NetworkId, Round, encoding, merkle,
    words::{self, Word},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a validator says in one round of one height (R6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Ballot {
    /// This block may be made final in this round.
    Validate(BlockHash),
    /// A quorum validated this block in this round.
    Confirm(BlockHash),
    /// I leave this round, and this is what I know.
    Timeout(Report),
}

/// What a timeout vote carries inside its signature, in every round (R6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Report {
    /// No validated certificate seen, no oracle-free block voted for in round 0.
    Nothing,
    /// The oracle-free block voted for in round 0; no validated certificate seen.
    Fast(BlockHash),
    /// The highest validated certificate seen.
    Certificate(Round, BlockHash),
}

/// The order of votes within a round (R12).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Phase {
    /// The first vote of a round.
    Validate,
    /// The second.
    Confirm,
    /// The last: it closes the round.
    Timeout,
}

/// Where a vote stands among all votes of a height: a validator signs at strictly increasing positions (R12).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Position {
    /// The round.
    pub round: Round,
    /// The phase within it.
    pub phase: Phase,
}

/// The height of a chain that is being decided, and the committee that decides it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// The chain.
    pub chain: ChainId,
    /// The height.
    pub height: BlockHeight,
    /// Whose committee votes.
    pub epoch: Epoch,
}

/// A vote before it is signed. Who votes is said by the key that signs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// What is decided.
    pub slot: Slot,
    /// In which round.
    pub round: Round,
    /// What is said.
    pub ballot: Ballot,
}

impl Ballot {
    /// The phase that this ballot belongs to.
    pub fn phase(&self) -> Phase {
        match self {
            Ballot::Validate(_) => Phase::Validate,
            Ballot::Confirm(_) => Phase::Confirm,
            Ballot::Timeout(_) => Phase::Timeout,
        }
    }

    /// Kind, round and block as words of the vote's leaf.
    fn words(&self) -> (u64, Round, Hash) {
        match self {
            Ballot::Validate(block) => (1, Round(0), block.0),
            Ballot::Confirm(block) => (2, Round(0), block.0),
            Ballot::Timeout(Report::Nothing) => (3, Round(0), Hash::ZERO),
            Ballot::Timeout(Report::Fast(block)) => (4, Round(0), block.0),
            Ballot::Timeout(Report::Certificate(round, block)) => (5, *round, block.0),
        }
    }
}

impl Vote {
    /// Where this vote stands in the order of R12.
    pub fn position(&self) -> Position {
        Position { round: self.round, phase: self.ballot.phase() }
    }

    /// The identity of this vote: the leaf under which it is signed. Another envelope over the same leaf is no other vote.
    pub fn leaf(&self, network: NetworkId) -> Hash {
        words::hash(self.words(network))
    }

    /// The leaves of several votes, for less than one after the other.
    pub fn leaves(network: NetworkId, votes: &[Vote]) -> Vec<Hash> {
        words::hash_each(votes.iter().map(|vote| vote.words(network)))
    }

    fn words(&self, network: NetworkId) -> [Word; 9] {
        let (kind, reported, block) = self.ballot.words();
        [
            words::tag("myceline.vote.v1"),
            network.0.0,
            self.slot.chain.0.0,
            words::number(self.slot.height.0),
            words::number(self.slot.epoch.0),
            words::number(self.round.0),
            words::number(kind),
            words::number(reported.0),
            block.0,
        ]
    }
}

/// The leaf of the vote that was asked for last. The answers of an exchange are nearly always one and the same vote.
#[derive(Debug, Clone, Default)]
pub struct LastLeaf(Option<(Vote, NetworkId, Hash)>);

impl LastLeaf {
    /// [`Vote::leaf`], computed unless it was just now.
    pub(crate) fn of(&mut self, vote: &Vote, network: NetworkId) -> Hash {
        match self.0 {
            Some((last, of, leaf)) if last == *vote && of == network => leaf,
            _ => self.0.insert((*vote, network, vote.leaf(network))).2,
        }
    }
}

/// A secp256k1 signature with low s: r, s, and v as Ethereum counts it (27 or 28).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValidatorSignature(pub [u8; 65]);

impl fmt::Debug for ValidatorSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

impl Serialize for ValidatorSignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encoding::serialize_bytes(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for ValidatorSignature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ValidatorSignature, D::Error> {
        encoding::deserialize_bytes(deserializer).map(ValidatorSignature)
    }
}

/// The most votes that one signature covers, so that a path stays short.
pub const VOTES_PER_SIGNATURE_MAX: usize = 32;

/// A signature over the top of a tree of votes, and the way from one vote to it: empty where the tree holds one vote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VoteSignature {
    /// Covers the whole batch.
    pub signature: ValidatorSignature,
    /// From the vote to the top.
    pub path: merkle::Path,
}

static VOTE_BATCH: words::TypeHash = words::TypeHash::new("VoteBatch(bytes32 root)");

/// The digest that a validator signs for a batch of votes whose tree has this top.
pub fn batch_digest(network: NetworkId, top: Hash) -> Hash {
    words::signing_digest(network, words::hash([VOTE_BATCH.word(), top.0]))
}

/// A vote with its signature and the key that made it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedVote {
    /// What is said.
    pub vote: Vote,
    /// Who says it: a place in the committee of the vote's epoch.
    pub signer: u8,
    /// Proof that they do.
    pub signature: VoteSignature,
}
