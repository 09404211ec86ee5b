//! The service of fungible tokens, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use fungible::{FungibleAbi, FungibleState, Message, OperationMutations, Parameters, Supply};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{Amount, Owner},
};

struct FungibleService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(FungibleService, message: Message, argument: Supply);

impl WithServiceAbi for FungibleService {
    type Abi = FungibleAbi;
}

impl Service for FungibleService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        FungibleService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let state = FungibleState::load(self.runtime.root_view_storage_context());
        graphql::answer(Query { state, runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    state: FungibleState,
    runtime: ServiceRuntime<FungibleService>,
}

/// What somebody has.
#[derive(SimpleObject)]
struct Balance {
    owner: Owner,
    amount: Amount,
}

#[Object]
impl Query {
    /// The short name of the token.
    async fn ticker(&self) -> String {
        self.runtime.application_parameters().ticker
    }

    /// What somebody has on this chain.
    async fn balance(&self, owner: Owner) -> Amount {
        self.state.balances.get_or_default(&owner)
    }

    /// Everybody who has something on this chain.
    async fn balances(&self) -> Vec<Balance> {
        self.state.balances.iter().map(|(owner, amount)| Balance { owner, amount }).collect()
    }

    /// What an owner lets a spender spend on this chain.
    async fn allowance(&self, owner: Owner, spender: Owner) -> Amount {
        self.state.allowances.get_or_default(&(owner, spender))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_tells_who_has_what() {
        let mock = Mock::new();
        mock.with(|world| world.set_parameters(&Parameters { ticker: "GLD".into() }));
        FungibleState::load(mock.storage()).credit(Owner::Ed25519([1; 32]), Amount::from_tokens(3));
        let request = Request::new("{ ticker balances { amount } }");
        let answer = FungibleService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"ticker":"GLD","balances":[{"amount":"3"}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
