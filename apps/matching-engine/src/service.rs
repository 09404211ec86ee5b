//! The service of the matching engine, in GraphQL: the book of the market that is asked.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response};
use matching_engine::{Book, MatchingAbi, Message, OperationMutations, Order, Parameters, Side, Trade};
use myceline_sdk::{Service, ServiceRuntime, State, WithServiceAbi, graphql};

struct MatchingService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(MatchingService, message: Message);

impl WithServiceAbi for MatchingService {
    type Abi = MatchingAbi;
}

impl Service for MatchingService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        MatchingService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { book: Book::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    book: Book,
}

#[Object]
impl Query {
    /// Orders that buy, the best first.
    async fn bids(&self, #[graphql(default = 100)] limit: u16) -> Vec<Order> {
        self.book.ranked(Side::Buy).take(limit.into()).collect()
    }

    /// Orders that sell, the best first.
    async fn asks(&self, #[graphql(default = 100)] limit: u16) -> Vec<Order> {
        self.book.ranked(Side::Sell).take(limit.into()).collect()
    }

    /// Trades from an index on, the oldest first.
    async fn trades(&self, #[graphql(default = 0)] from: u64, #[graphql(default = 100)] limit: u16) -> Vec<Trade> {
        self.book.trades.page(from, limit.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use matching_engine::Operation;
    use myceline_sdk::{
        mock::Mock,
        types::{Account, Amount, ChainId, Hash, Holder, Owner},
    };

    #[test]
    fn it_shows_the_book() {
        let mock = Mock::new();
        let home = Account { chain: ChainId(Hash([1; 32])), holder: Holder::Owner(Owner::Ed25519([1; 32])) };
        Book::load(mock.storage()).submit(home, Side::Sell, 3, Amount::ONE);
        let request = Request::new("{ asks { price left } bids { price } mutations: __typename }");
        let answer = MatchingService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"asks":[{"price":3,"left":"1"}],"bids":[],"mutations":"Query"}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
        assert_eq!(mock.scheduled::<Operation>(), []);
    }
}
