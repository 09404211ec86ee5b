//! Transactions: what a block's author puts into it.

use crate::{
    Account, Amount, ApplicationId, BlobId, Bundle, ChainConfig, ChainId, Cursor, Epoch, Hash, Holder, ModuleId, Owner,
    Ownership, Permissions, encoding::Opaque, guest::StreamUpdate,
};
use serde::{Deserialize, Serialize};

/// One step of a block. It happens whole or makes the block invalid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Transaction {
    /// Do something.
    Execute(Operation),
    /// Consume the next bundle of an origin.
    Receive(IncomingBundle),
    /// Discard unread all waiting bundles of an origin up to a cursor; each of them must be skippable.
    Skip {
        /// From whom.
        origin: ChainId,
        /// The last one discarded.
        up_to: Cursor,
    },
}

/// A bundle with what the recipient makes of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IncomingBundle {
    /// From whom.
    pub origin: ChainId,
    /// Its bytes, as the origin's block sent them.
    pub bundle: Bundle,
    /// What to do with it.
    pub action: BundleAction,
}

/// What the recipient makes of a bundle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum BundleAction {
    /// Execute its messages.
    Accept,
    /// Send tracked messages back.
    Reject,
}

/// Something that a block's author does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Operation {
    /// Moves value of the chain, or of the author, to an account here or elsewhere.
    Transfer {
        /// Whose value.
        from: Holder,
        /// Where it goes.
        to: Account,
        /// How much; not zero.
        amount: Amount,
    },
    /// Lets somebody spend from the author's account on this chain. Replaces what was allowed before; zero ends it.
    Approve {
        /// Who may spend.
        spender: Owner,
        /// How much in all.
        amount: Amount,
    },
    /// Moves value that its owner lets the author spend.
    TransferFrom {
        /// Whose value.
        owner: Owner,
        /// Where it goes.
        to: Account,
        /// How much; not zero.
        amount: Amount,
    },
    /// Asks another chain to pay out of the author's account there.
    Claim {
        /// The chain with the account.
        chain: ChainId,
        /// Where the value goes.
        to: Account,
        /// How much; not zero.
        amount: Amount,
    },
    /// Opens a chain. Its first balance is taken from this chain's.
    OpenChain(Box<ChainConfig>),
    /// Closes this chain: from then on it only rejects bundles.
    CloseChain,
    /// Replaces the ownership from the next block on.
    ChangeOwnership(Box<Ownership>),
    /// Replaces the permissions from the next transaction on.
    ChangePermissions(Permissions),
    /// Publishes a blob, which travels beside the proposal.
    PublishBlob(BlobId),
    /// Publishes the code of applications: two blobs, which travel beside the proposal.
    PublishModule(ModuleId),
    /// Creates an application on this chain.
    CreateApplication {
        /// Its code.
        module: ModuleId,
        /// Canonical bytes that its instances see on every chain.
        parameters: Opaque,
        /// Canonical bytes that only its beginning here sees.
        argument: Opaque,
    },
    /// Lets an application look at events of a stream that it follows.
    UpdateStream {
        /// Which application.
        application: ApplicationId,
        /// Which events.
        update: StreamUpdate,
    },
    /// Changes or follows the committee.
    Epoch(EpochOperation),
    /// Calls an application on this chain.
    Application {
        /// Which one.
        id: ApplicationId,
        /// What it understands.
        bytes: Opaque,
    },
}

impl Operation {
    /// The blobs that it publishes, whose content travels beside the proposal.
    pub fn published(&self) -> Vec<BlobId> {
        match self {
            Operation::PublishBlob(blob) => vec![*blob],
            Operation::PublishModule(module) => vec![module.contract_blob(), module.service_blob()],
            _ => Vec::new(),
        }
    }
}

/// Operations about epochs. The admin chain announces and revokes; every chain follows by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum EpochOperation {
    /// On the admin chain: the committee in this blob is in office from this epoch on.
    Announce {
        /// One more than the newest.
        epoch: Epoch,
        /// A published committee blob.
        committee: Hash,
    },
    /// On the admin chain: certificates of this epoch are trusted no longer.
    Revoke {
        /// The oldest that is still trusted.
        epoch: Epoch,
    },
    /// On any chain: follow the next committee.
    Adopt {
        /// One more than the chain's.
        epoch: Epoch,
    },
}
