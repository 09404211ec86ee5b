//! The feed of a chain: what it has seen of those that it follows, and of itself.

use crate::{Event, PostId, What};
use async_graphql::SimpleObject;
use myceline_sdk::{
    Family, Log, Map, Set, State,
    types::{ChainId, Hash, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The key of a post: the chain and the place in its stream.
pub type PostKey = (ChainId, u32);

/// The feed.
#[derive(Debug, State)]
pub struct SocialState {
    /// Posts by their keys.
    pub posts: Map<PostKey, Post>,
    /// Their keys by time.
    pub by_time: Set<(Timestamp, PostKey)>,
    /// Who likes a post.
    pub likes: Family<PostKey, Set<ChainId>>,
    /// What is said about a post, in the order in which it was seen here.
    pub comments: Family<PostKey, Log<Comment>>,
    /// Who is followed.
    pub follows: Set<ChainId>,
}

/// A post.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Post {
    /// Which one.
    pub id: PostId,
    /// When it was posted.
    pub time: Timestamp,
    /// What it says.
    pub text: String,
    /// The hash of a blob with an image.
    pub image: Option<Hash>,
}

/// Something said about a post.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Comment {
    /// By whom.
    pub author: ChainId,
    /// When.
    pub time: Timestamp,
    /// What.
    pub text: String,
}

impl PostId {
    /// As a key.
    pub fn key(self) -> PostKey {
        (self.author, self.index)
    }
}

impl SocialState {
    /// Takes in what happened on a chain.
    pub fn see(&mut self, author: ChainId, index: u32, Event { time, what }: Event) {
        match what {
            What::Post { text, image } => {
                let id = PostId { author, index };
                self.posts.insert(&id.key(), Post { id, time, text, image });
                self.by_time.insert(&(time, id.key()));
            }
            What::Like(post) => self.likes.of(&post.key()).insert(&author),
            What::Comment { post, text } => {
                self.comments.of(&post.key()).push(Comment { author, time, text });
            }
        }
    }
}
