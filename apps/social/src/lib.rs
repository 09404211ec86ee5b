//! A feed. Posts, likes and comments of a chain are events of its stream; chains that follow it put them into their own feed when
//! they look at what happened. Nobody sends a message to anybody.

mod state;

pub use state::{Comment, Post, SocialState};

use async_graphql::{InputObject, Request, Response, SimpleObject};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{ChainId, Hash, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The stream that each chain has.
pub const STREAM: &[u8] = b"feed";

/// The interface of the feed.
#[derive(Clone, Copy, Debug)]
pub struct SocialAbi;

/// Which post: whose, and the how manieth event of its chain.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, Describe, InputObject, SimpleObject,
)]
#[graphql(input_name = "PostIdInput")]
pub struct PostId {
    /// The chain.
    pub author: ChainId,
    /// Its place in the stream.
    pub index: u32,
}

/// What a chain does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Says something to everybody who follows.
    Post {
        /// What.
        text: String,
        /// The hash of a blob with an image.
        image: Option<Hash>,
    },
    /// Likes a post.
    Like {
        /// Which one.
        post: PostId,
    },
    /// Says something about a post.
    Comment {
        /// Which one.
        post: PostId,
        /// What.
        text: String,
    },
    /// Sees from now on what another chain posts, from its first post on.
    Follow {
        /// Which chain.
        chain: ChainId,
    },
    /// Sees no more of it.
    Unfollow {
        /// Which chain.
        chain: ChainId,
    },
}

/// An event of a chain's stream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Event {
    /// When.
    pub time: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum What {
    /// A post.
    Post {
        /// What it says.
        text: String,
        /// The hash of a blob with an image.
        image: Option<Hash>,
    },
    /// A post is liked.
    Like(PostId),
    /// Something is said about a post.
    Comment {
        /// Which one.
        post: PostId,
        /// What.
        text: String,
    },
}

impl ContractAbi for SocialAbi {
    type Operation = Operation;
    /// The place in this chain's stream of what was posted.
    type Response = Option<u32>;
}

impl ServiceAbi for SocialAbi {
    type Query = Request;
    type QueryResponse = Response;
}
