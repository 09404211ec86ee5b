//! The service of the tokens, in GraphQL: it shows images too.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{Hash, Opaque, Owner},
};
use non_fungible::{Message, NonFungibleAbi, NonFungibleState, OperationMutations, Token, image_blob};
use std::ops::Bound;

struct NonFungibleService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(NonFungibleService, message: Message);

impl WithServiceAbi for NonFungibleService {
    type Abi = NonFungibleAbi;
}

impl Service for NonFungibleService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        NonFungibleService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let state = NonFungibleState::load(self.runtime.root_view_storage_context());
        graphql::answer(Query { state, runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    state: NonFungibleState,
    runtime: ServiceRuntime<NonFungibleService>,
}

#[Object]
impl Query {
    /// A token, if it is on this chain.
    async fn token(&self, id: Hash) -> Option<Token> {
        self.state.tokens.get(&id)
    }

    /// All tokens on this chain.
    async fn tokens(&self) -> Vec<Token> {
        self.state.tokens.iter().map(|(_, token)| token).collect()
    }

    /// What somebody has on this chain, at most so many.
    async fn owned(&self, owner: Owner, #[graphql(default = 100)] limit: u16) -> Vec<Token> {
        let first = (owner, Hash::ZERO);
        let page = self.state.by_owner.page(Bound::Included(&first), limit.into());
        let own = page.into_iter().take_while(|(other, _)| *other == owner);
        own.filter_map(|(_, id)| self.state.tokens.get(&id)).collect()
    }

    /// The image of a token, if that is on this chain.
    async fn image(&self, id: Hash) -> Option<Opaque> {
        let token = self.state.tokens.get(&id)?;
        Some(Opaque(self.runtime.read_data_blob(image_blob(token.image))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_shows_the_image() {
        let mock = Mock::new();
        let (id, image, owner) = (Hash([3; 32]), Hash([5; 32]), Owner::Ed25519([1; 32]));
        mock.with(|world| world.blobs.insert(image_blob(image), vec![0xca, 0xfe]));
        let token = Token { id, owner, name: "Moon".into(), minter: owner, image };
        NonFungibleState::load(mock.storage()).add(token);
        let query = format!("{{ image(id: \"{id}\") owned(owner: \"{owner}\") {{ name }} }}");
        let answer = NonFungibleService::new(mock.service_runtime()).handle_query(Request::new(query));
        let expected = r#"{"image":"cafe","owned":[{"name":"Moon"}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
