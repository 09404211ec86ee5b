//! The contract of the checker.
#![cfg_attr(target_arch = "wasm32", no_main)]

use heavy::{HeavyAbi, HeavyState, Operation, is_prime};
use myceline_sdk::{Contract, ContractRuntime, State, WithContractAbi};

/// A larger one would burn more fuel than a block may.
const EXPONENT_MAX: u32 = 8_000;

struct Heavy {
    state: HeavyState,
}

myceline_sdk::contract!(Heavy);

impl WithContractAbi for Heavy {
    type Abi = HeavyAbi;
}

impl Contract for Heavy {
    type Message = ();
    type Parameters = ();
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Heavy { state: HeavyState::load(runtime.root_view_storage_context()) }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> bool {
        let Operation::Check { exponent } = operation;
        assert!(exponent <= EXPONENT_MAX, "an exponent is at most {EXPONENT_MAX}");
        let is_prime = self.state.found.get(&exponent).unwrap_or_else(|| is_prime(exponent));
        self.state.found.insert(&exponent, is_prime);
        is_prime
    }

    fn execute_message(&mut self, (): ()) {
        panic!("checkers do not talk to each other");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_keeps_what_it_found() {
        let mock = Mock::new();
        let mut heavy = Heavy::load(mock.contract_runtime());
        assert!(heavy.execute_operation(Operation::Check { exponent: 127 }));
        assert!(!heavy.execute_operation(Operation::Check { exponent: 101 }));
        assert_eq!(heavy.state.found.iter().collect::<Vec<_>>(), [(101, false), (127, true)]);
    }

    #[test]
    #[should_panic = "at most 8000"]
    fn it_refuses_what_would_never_end() {
        let mock = Mock::new();
        Heavy::load(mock.contract_runtime()).execute_operation(Operation::Check { exponent: 82_589_933 });
    }
}
