//! The service: what the chain itself knows about accounts, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use fungible::OperationMutations;
use myceline_sdk::{
    Service, ServiceRuntime, WithServiceAbi, graphql,
    types::{Amount, Owner},
};
use native_fungible::{NativeFungibleAbi, Parameters, Supply};

struct NativeFungibleService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(NativeFungibleService, argument: Supply);

impl WithServiceAbi for NativeFungibleService {
    type Abi = NativeFungibleAbi;
}

impl Service for NativeFungibleService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        NativeFungibleService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        graphql::answer(Query { runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    runtime: ServiceRuntime<NativeFungibleService>,
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
        self.runtime.owner_balance(owner)
    }

    /// Everybody who has something on this chain.
    async fn balances(&self) -> Vec<Balance> {
        self.runtime.owner_balances().into_iter().map(|(owner, amount)| Balance { owner, amount }).collect()
    }

    /// What an owner lets a spender spend on this chain.
    async fn allowance(&self, owner: Owner, spender: Owner) -> Amount {
        self.runtime.allowance(owner, spender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{mock::Mock, types::Holder};

    #[test]
    fn it_tells_what_the_chain_knows() {
        let mock = Mock::new();
        mock.with(|world| world.balances.insert(Holder::Owner(Owner::Ed25519([1; 32])), Amount::from_tokens(3)));
        let request = Request::new("{ balances { amount } }");
        let answer = NativeFungibleService::new(mock.service_runtime()).handle_query(request);
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), r#"{"balances":[{"amount":"3"}]}"#);
    }
}
