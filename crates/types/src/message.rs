//! Messages between chains, and the bundles in which they travel.

use crate::{
    Account, Amount, ApplicationId, BlockHeight, BundleHash, ChainId, Epoch, Hash, Holder, Owner, Timestamp,
    encoding::Opaque,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one chain tells another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// What becomes of it when it is rejected.
    pub kind: MessageKind,
    /// On whose authority it was sent, where the sender forwarded it.
    pub authority: Option<Owner>,
    /// What it says.
    pub content: MessageContent,
}

/// What becomes of a message that its recipient rejects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MessageKind {
    /// Nothing: the sender does not learn of it. It carries no value.
    Simple,
    /// It goes back to its sender as a bouncing message.
    Tracked,
    /// It came back already. It is executed even when it is rejected, so that no value is lost.
    Bouncing,
}

/// What a message says, and who understands it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MessageContent {
    /// The system of every chain.
    System(SystemMessage),
    /// The same application on the other chain.
    Application {
        /// Which application.
        id: ApplicationId,
        /// What it understands.
        bytes: Opaque,
        /// What pays for its execution. What is left of it goes back to the sender's chain.
        grant: Amount,
    },
}

impl MessageContent {
    /// The same with nothing to pay for its execution.
    pub fn without_grant(mut self) -> MessageContent {
        if let MessageContent::Application { grant, .. } = &mut self {
            *grant = Amount::ZERO;
        }
        self
    }
}

impl Message {
    /// What pays for its execution, where the sender gave something.
    pub fn grant(&self) -> Amount {
        match self.content {
            MessageContent::System(_) => Amount::ZERO,
            MessageContent::Application { grant, .. } => grant,
        }
    }

    /// The value that travels with it.
    pub fn value(&self) -> Amount {
        match self.content {
            MessageContent::System(SystemMessage::Credit { amount, .. }) => amount,
            _ => self.grant(),
        }
    }
}

/// Messages that the system of a chain sends to that of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum SystemMessage {
    /// Value arrives.
    Credit {
        /// Whose it becomes.
        target: Holder,
        /// How much.
        amount: Amount,
        /// Whose it was on the sender's chain, and becomes again if the message bounces.
        source: Holder,
    },
    /// The holder of an account asks from another chain that something be paid out of it.
    Withdraw {
        /// Whose account; the message's authority must be this owner.
        owner: Owner,
        /// How much.
        amount: Amount,
        /// Where it goes.
        recipient: Account,
    },
}

/// A place in the sequence of bundles from one chain to another: a transaction of a block of the origin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// The block.
    pub height: BlockHeight,
    /// The transaction in it.
    pub transaction: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.height, self.transaction)
    }
}

/// All messages of one transaction to one recipient. It is consumed whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bundle {
    /// Where it comes from.
    pub cursor: Cursor,
    /// The bundle before it from the same origin to the same recipient: nothing can be skipped.
    pub previous: Option<Cursor>,
    /// Whose committee certified the block that sent it.
    pub epoch: Epoch,
    /// The time of the block that sent it.
    pub timestamp: Timestamp,
    /// The messages in order.
    pub messages: Vec<Message>,
}

/// The tag of a bundle's name.
const BUNDLE: &str = "Bundle";

impl Bundle {
    /// The name of the bundle.
    pub fn hash(&self) -> BundleHash {
        BundleHash(Hash::of_value(BUNDLE, self))
    }

    /// The names of several bundles, for less than one after the other.
    pub fn hash_each<'a>(bundles: impl Iterator<Item = &'a Bundle>) -> Vec<BundleHash> {
        Hash::of_values(BUNDLE, bundles).into_iter().map(BundleHash).collect()
    }

    /// The applications that its messages are for, as often as they are.
    pub fn applications(&self) -> impl Iterator<Item = ApplicationId> {
        self.messages.iter().filter_map(|message| match message.content {
            MessageContent::Application { id, .. } => Some(id),
            MessageContent::System(_) => None,
        })
    }

    /// Whether it may be discarded unread: it carries no value and nobody waits for an answer.
    pub fn is_skippable(&self) -> bool {
        self.messages.iter().all(|message| message.kind == MessageKind::Simple && message.grant().is_zero())
    }
}

/// What a recipient's validators remember of a bundle that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InboxEntry {
    /// The bundle before it.
    pub previous: Option<Cursor>,
    /// Whose committee certified the block that sent it.
    pub epoch: Epoch,
    /// The time of the block that sent it.
    pub timestamp: Timestamp,
    /// The bundle's name.
    pub hash: BundleHash,
    /// Whether it may be discarded unread.
    pub skippable: bool,
}

impl From<&Bundle> for InboxEntry {
    fn from(bundle: &Bundle) -> InboxEntry {
        let Bundle { previous, epoch, timestamp, .. } = *bundle;
        InboxEntry { previous, epoch, timestamp, hash: bundle.hash(), skippable: bundle.is_skippable() }
    }
}

/// A message as its sender's block records it: a leaf under the root of messages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SentMessage {
    /// The transaction that sent it.
    pub transaction: u32,
    /// Where it goes.
    pub recipient: ChainId,
    /// What it says.
    pub message: Message,
}

/// Where in its chain the previous bundle to a recipient was sent: lets a reader visit only the blocks that matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MessageLink {
    /// To whom.
    pub recipient: ChainId,
    /// The last bundle before this block.
    pub previous: Cursor,
}
