//! The service of the counter: GraphQL with one query and the mutations of the contract.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response};
use counter::{CounterAbi, CounterState, OperationMutations};
use myceline_sdk::{Service, ServiceRuntime, State, WithServiceAbi, graphql};

struct CounterService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(CounterService, argument: u64);

impl WithServiceAbi for CounterService {
    type Abi = CounterAbi;
}

impl Service for CounterService {
    type Parameters = ();

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        CounterService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let query = Query { state: CounterState::load(self.runtime.root_view_storage_context()) };
        graphql::answer(query, OperationMutations, request)
    }
}

struct Query {
    state: CounterState,
}

#[Object]
impl Query {
    /// The number.
    async fn value(&self) -> u64 {
        self.state.value.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counter::Operation;
    use myceline_sdk::mock::Mock;
    use serde_json::json;

    #[test]
    fn it_answers_the_number() {
        let mock = Mock::new();
        CounterState::load(mock.storage()).value.set(42);
        let answer = CounterService::new(mock.service_runtime()).handle_query(Request::new("{ value }"));
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), r#"{"value":42}"#);
    }

    #[test]
    fn arguments_say_what_the_fields_of_operations_say() {
        let mock = Mock::new();
        let query = r#"{ __type(name: "OperationMutations") { fields { description args { description } } } }"#;
        let answer = CounterService::new(mock.service_runtime()).handle_query(Request::new(query));
        let expected = json!({ "__type": { "fields": [
            { "description": "Adds to the number.", "args": [{ "description": "How much." }] }
        ] } });
        assert_eq!(serde_json::to_value(&answer.data).unwrap(), expected);
    }

    #[test]
    fn a_mutation_schedules_an_operation() {
        let mock = Mock::new();
        let answer =
            CounterService::new(mock.service_runtime()).handle_query(Request::new("mutation { increment(by: 7) }"));
        assert!(answer.is_ok(), "{:?}", answer.errors);
        assert_eq!(mock.scheduled::<Operation>(), [Operation::Increment { by: 7 }]);
    }
}
