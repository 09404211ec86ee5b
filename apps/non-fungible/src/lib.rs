//! Tokens of which each is one of a kind. Their images are blobs of data, published once and read by every chain.

mod state;

pub use state::{NonFungibleState, Token};

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Account, BlobId, BlobKind, Hash, Owner},
};
use serde::{Deserialize, Serialize};

/// The interface of the tokens.
#[derive(Clone, Copy, Debug)]
pub struct NonFungibleAbi;

/// What the tokens are asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Makes a token of an image that was published.
    Mint {
        /// By whom and for whom.
        minter: Owner,
        /// What it is called.
        name: String,
        /// The hash of the blob with the image.
        image: Hash,
    },
    /// Gives a token away, on this chain or to another one.
    Transfer {
        /// Which one.
        token: Hash,
        /// To whom, and on which chain.
        to: Account,
    },
    /// Fetches a token that its owner has on another chain.
    Claim {
        /// Where it is and whose it is.
        from: Account,
        /// Which one.
        token: Hash,
        /// To whom, and on which chain.
        to: Account,
    },
}

/// What the instances on different chains say to each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// A token arrives; or it comes back to whom it came from, if nobody wants it.
    Give {
        /// The token, as it was.
        token: Token,
        /// Whose it is now.
        target: Owner,
    },
    /// Its owner wants a token from here.
    Fetch {
        /// Whose it is.
        owner: Owner,
        /// Which one.
        token: Hash,
        /// To whom, and on which chain.
        to: Account,
    },
}

impl ContractAbi for NonFungibleAbi {
    type Operation = Operation;
    /// The token.
    type Response = Option<Hash>;
}

impl ServiceAbi for NonFungibleAbi {
    type Query = Request;
    type QueryResponse = Response;
}

/// The blob with an image.
pub fn image_blob(image: Hash) -> BlobId {
    BlobId { kind: BlobKind::Data, hash: image }
}
