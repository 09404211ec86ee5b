//! The service of the checker, in GraphQL.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use heavy::{HeavyAbi, HeavyState, OperationMutations};
use myceline_sdk::{Service, ServiceRuntime, State, WithServiceAbi, graphql};

struct HeavyService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(HeavyService);

impl WithServiceAbi for HeavyService {
    type Abi = HeavyAbi;
}

impl Service for HeavyService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        HeavyService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { state: HeavyState::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    state: HeavyState,
}

/// What was found out about 2^exponent - 1.
#[derive(SimpleObject)]
struct Finding {
    exponent: u32,
    is_prime: bool,
}

#[Object]
impl Query {
    /// All that was found out on this chain.
    async fn found(&self) -> Vec<Finding> {
        self.state.found.iter().map(|(exponent, is_prime)| Finding { exponent, is_prime }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_tells_what_was_found() {
        let mock = Mock::new();
        HeavyState::load(mock.storage()).found.insert(&31, true);
        let request = Request::new("{ found { exponent isPrime } }");
        let answer = HeavyService::new(mock.service_runtime()).handle_query(request);
        let expected = r#"{"found":[{"exponent":31,"isPrime":true}]}"#;
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), expected);
    }
}
