//! The contract of the oracle.
#![cfg_attr(target_arch = "wasm32", no_main)]

use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Amount, TimeDelta},
};
use price_oracle::{Operation, OracleState, Parameters, Price, PriceOracleAbi, price_of, request};

struct PriceOracle {
    state: OracleState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(PriceOracle);

impl WithContractAbi for PriceOracle {
    type Abi = PriceOracleAbi;
}

impl Contract for PriceOracle {
    type Message = ();
    type Parameters = Parameters;
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        PriceOracle { state: OracleState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Amount {
        match operation {
            Operation::Update => self.update(),
            Operation::Last { seconds } => self.last(seconds),
        }
    }

    fn execute_message(&mut self, (): ()) {
        panic!("each chain asks for itself");
    }
}

impl PriceOracle {
    fn update(&mut self) -> Amount {
        let answer = self.runtime.http_request(request(self.runtime.application_parameters()));
        let price = price_of(&answer);
        self.state.prices.push(Price { price, time: self.runtime.system_time() });
        price
    }

    fn last(&self, seconds: u32) -> Amount {
        let Price { price, time } = self.state.last().expect("there is no price yet");
        let age = self.runtime.system_time().since(time);
        assert!(age <= TimeDelta::from_millis(u64::from(seconds) * 1_000), "the last price is {age} old");
        price
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{Opaque, Timestamp, guest::HttpAnswer},
    };

    fn parameters() -> Parameters {
        Parameters { url: "https://prices.example/coin".into(), pointer: "/coin/usd".into() }
    }

    fn oracle(mock: &Mock, status: u16, body: &str) -> PriceOracle {
        mock.with(|world| {
            world.set_parameters(&parameters());
            let answer = HttpAnswer { status, headers: Vec::new(), body: Opaque(body.as_bytes().to_vec()) };
            world.expect_http_request(request(parameters()), answer);
        });
        PriceOracle::load(mock.contract_runtime())
    }

    #[test]
    fn a_price_is_kept_and_grows_old() {
        let mock = Mock::new();
        let mut oracle = oracle(&mock, 200, "1234.57");
        let price = oracle.execute_operation(Operation::Update);
        assert_eq!(price.to_string(), "1234.57");
        mock.with(|world| world.facts.timestamp = Timestamp(5_000_000));
        assert_eq!(oracle.execute_operation(Operation::Last { seconds: 5 }), price);
    }

    #[test]
    #[should_panic = "old"]
    fn an_old_price_is_none() {
        let mock = Mock::new();
        let mut oracle = oracle(&mock, 200, "7.00");
        oracle.execute_operation(Operation::Update);
        mock.with(|world| world.facts.timestamp = Timestamp(5_000_001));
        oracle.execute_operation(Operation::Last { seconds: 5 });
    }

    #[test]
    #[should_panic = "no price now"]
    fn a_server_without_a_price_changes_nothing() {
        let mock = Mock::new();
        oracle(&mock, 503, "").execute_operation(Operation::Update);
    }
}
