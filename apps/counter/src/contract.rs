//! The contract of the counter: it adds.
#![cfg_attr(target_arch = "wasm32", no_main)]

use counter::{CounterAbi, CounterState, Operation};
use myceline_sdk::{Contract, ContractRuntime, State, WithContractAbi};

struct Counter {
    state: CounterState,
}

myceline_sdk::contract!(Counter);

impl WithContractAbi for Counter {
    type Abi = CounterAbi;
}

impl Contract for Counter {
    type Message = ();
    type Parameters = ();
    type InstantiationArgument = u64;
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Counter { state: CounterState::load(runtime.root_view_storage_context()) }
    }

    fn instantiate(&mut self, value: u64) {
        self.state.value.set(value);
    }

    fn execute_operation(&mut self, operation: Operation) -> u64 {
        let Operation::Increment { by } = operation;
        let value = self.state.value.get().checked_add(by).expect("the number fits in 64 bits");
        self.state.value.set(value);
        value
    }

    fn execute_message(&mut self, _message: ()) {
        panic!("nobody sends messages here");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    fn counter(mock: &Mock, value: u64) -> Counter {
        let mut counter = Counter::load(mock.contract_runtime());
        counter.instantiate(value);
        counter
    }

    #[test]
    fn it_adds_and_keeps_the_sum() {
        let mock = Mock::new();
        let mut counter = counter(&mock, 5);
        assert_eq!(counter.execute_operation(Operation::Increment { by: 37 }), 42);
        assert_eq!(CounterState::load(mock.storage()).value.get(), 42);
    }

    #[test]
    #[should_panic = "the number fits in 64 bits"]
    fn it_never_wraps() {
        let mock = Mock::new();
        counter(&mock, u64::MAX).execute_operation(Operation::Increment { by: 1 });
    }
}
