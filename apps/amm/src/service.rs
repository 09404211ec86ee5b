//! The service of the exchange, in GraphQL. It knows the exchange on its own chain.
#![cfg_attr(target_arch = "wasm32", no_main)]

use amm::{AmmAbi, AmmState, Message, OperationMutations, Parameters};
use async_graphql::{Object, Request, Response};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{Amount, Owner},
};

struct AmmService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(AmmService, message: Message);

impl WithServiceAbi for AmmService {
    type Abi = AmmAbi;
}

impl Service for AmmService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        AmmService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { state: AmmState::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    state: AmmState,
}

#[Object]
impl Query {
    /// What the exchange holds of both tokens.
    async fn reserves(&self) -> Vec<Amount> {
        self.state.reserves.get().tokens.to_vec()
    }

    /// How many shares of it there are.
    async fn total_shares(&self) -> Amount {
        self.state.reserves.get().shares
    }

    /// How many of them somebody has.
    async fn shares(&self, owner: Owner) -> Amount {
        self.state.shares.get_or_default(&owner)
    }

    /// What so much of one token gives of the other one now; nothing where there is no answer.
    async fn quote(&self, give: u8, amount: Amount) -> Option<Amount> {
        self.state.reserves.get().swap(usize::from(give.min(1)), amount).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amm::Reserves;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_quotes_what_a_swap_would_give() {
        let mock = Mock::new();
        let mut reserves = Reserves::default();
        reserves.deposit([Amount(1_000_000), Amount(1_000_000)]).unwrap();
        AmmState::load(mock.storage()).reserves.set(reserves);
        let request = Request::new("{ quote(give: 0, amount: \"0.0000000000001\") totalShares }");
        let answer = AmmService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"quote":"0.000000000000090661","totalShares":"0.000000000001"}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
