//! The service of the oracle, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response};
use myceline_sdk::{Service, ServiceRuntime, State, WithServiceAbi, graphql, types::Amount};
use price_oracle::{OperationMutations, OracleState, Parameters, Price, PriceOracleAbi, price_of, request};

struct PriceOracleService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(PriceOracleService);

impl WithServiceAbi for PriceOracleService {
    type Abi = PriceOracleAbi;
}

impl Service for PriceOracleService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        PriceOracleService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let state = OracleState::load(self.runtime.root_view_storage_context());
        graphql::answer(Query { state, runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    state: OracleState,
    runtime: ServiceRuntime<PriceOracleService>,
}

#[Object]
impl Query {
    /// The price that a block kept last.
    async fn last(&self) -> Option<Price> {
        self.state.last()
    }

    /// All prices that blocks kept, from an index on.
    async fn prices(&self, #[graphql(default = 0)] from: u64, #[graphql(default = 100)] limit: u16) -> Vec<Price> {
        self.state.prices.page(from, limit.into())
    }

    /// What the server says now, to this node alone.
    async fn now(&self) -> Amount {
        price_of(&self.runtime.http_request(request(self.runtime.application_parameters())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{mock::Mock, types::Timestamp};

    #[test]
    fn it_tells_the_last_price() {
        let mock = Mock::new();
        let mut state = OracleState::load(mock.storage());
        for (price, time) in [(1, 10), (2, 20)] {
            state.prices.push(Price { price: Amount::from_tokens(price), time: Timestamp(time) });
        }
        let request = Request::new("{ last { price } prices(from: 1) { price } }");
        let answer = PriceOracleService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"last":{"price":"2"},"prices":[{"price":"2"}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
