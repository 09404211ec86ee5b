//! The service of the feed, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{ChainId, Hash, Timestamp},
};
use social::{Comment, Event, OperationMutations, PostId, SocialAbi, SocialState};

struct SocialService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(SocialService, event: Event);

impl WithServiceAbi for SocialService {
    type Abi = SocialAbi;
}

impl Service for SocialService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        SocialService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { state: SocialState::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    state: SocialState,
}

/// A post with what others make of it.
#[derive(SimpleObject)]
struct Shown {
    id: PostId,
    time: Timestamp,
    text: String,
    image: Option<Hash>,
    likes: usize,
    comments: Vec<Comment>,
}

#[Object]
impl Query {
    /// The newest posts, the newest first.
    async fn feed(&self, #[graphql(default = 50)] limit: u16) -> Vec<Shown> {
        let mut keys: Vec<_> = self.state.by_time.iter().map(|(_, key)| key).collect();
        keys.reverse();
        keys.into_iter().take(limit.into()).filter_map(|key| self.shown(key)).collect()
    }

    /// A post that was seen here.
    async fn post(&self, author: ChainId, index: u32) -> Option<Shown> {
        self.shown((author, index))
    }

    /// Who is followed.
    async fn follows(&self) -> Vec<ChainId> {
        self.state.follows.iter().collect()
    }
}

impl Query {
    fn shown(&self, key: (ChainId, u32)) -> Option<Shown> {
        let post = self.state.posts.get(&key)?;
        Some(Shown {
            id: post.id,
            time: post.time,
            text: post.text,
            image: post.image,
            likes: self.state.likes.of(&key).iter().count(),
            comments: self.state.comments.of(&key).iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;
    use social::What;

    #[test]
    fn the_newest_comes_first() {
        let mock = Mock::new();
        let mut state = SocialState::load(mock.storage());
        let author = ChainId(Hash([1; 32]));
        for (index, (time, text)) in (0..).zip([(5, "second"), (3, "first"), (9, "third")]) {
            let what = What::Post { text: text.into(), image: None };
            state.see(author, index, Event { time: Timestamp(time), what });
        }
        state.see(author, 3, Event { time: Timestamp(10), what: What::Like(PostId { author, index: 2 }) });
        let request = Request::new("{ feed(limit: 2) { text likes } }");
        let answer = SocialService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"feed":[{"text":"third","likes":1},{"text":"second","likes":0}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
