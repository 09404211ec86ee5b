//! The service of requests for quotes, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use myceline_sdk::{Service, ServiceRuntime, State, WithServiceAbi, graphql, types::ChainId};
use rfq::{Asked, Message, OperationMutations, RfqAbi, RfqState, Tokens};

struct RfqService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(RfqService, message: Message);

impl WithServiceAbi for RfqService {
    type Abi = RfqAbi;
}

impl Service for RfqService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        RfqService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { state: RfqState::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    state: RfqState,
}

/// A question with its number.
#[derive(SimpleObject)]
struct Numbered {
    number: u64,
    /// The chain that asks.
    from: Option<ChainId>,
    question: Asked,
}

/// Something that was promised.
#[derive(SimpleObject)]
struct Invitation {
    exchange: ChainId,
    brings: Tokens,
}

#[Object]
impl Query {
    /// Questions of this chain that are open.
    async fn asked(&self) -> Vec<Numbered> {
        let numbered = |(number, question)| Numbered { number, from: None, question };
        self.state.asked.iter().map(numbered).collect()
    }

    /// Questions to this chain that are open.
    async fn questions(&self) -> Vec<Numbered> {
        let numbered = |((from, number), question)| Numbered { number, from: Some(from), question };
        self.state.questions.iter().map(numbered).collect()
    }

    /// Exchanges that wait for what this chain has promised.
    async fn invitations(&self) -> Vec<Invitation> {
        let invitation = |(exchange, (_, brings))| Invitation { exchange, brings };
        self.state.invitations.iter().map(invitation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{Amount, ApplicationId, Hash, Owner},
    };

    #[test]
    fn it_shows_open_questions() {
        let mock = Mock::new();
        let (of, token) = (ChainId(Hash([9; 32])), ApplicationId(Hash([7; 32])));
        let sell = Tokens { token, amount: Amount::ONE };
        let asked = Asked { owner: Owner::Ed25519([1; 32]), of, sell, buy: token, quoted: None };
        RfqState::load(mock.storage()).asked.insert(&4, asked);
        let request = Request::new("{ asked { number question { sell { amount } quoted { amount } } } }");
        let answer = RfqService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"asked":[{"number":4,"question":{"sell":{"amount":"1"},"quoted":null}}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
