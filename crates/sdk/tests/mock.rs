//! The mock host: what is expected is checked, what is done is kept.

use myceline_sdk::{
    Contract, ContractAbi, ContractRuntime, WithContractAbi,
    mock::Mock,
    types::{Account, Amount, ApplicationId, ChainId, Hash, Holder, Owner},
};

struct Relay(ContractRuntime<Relay>);
struct RelayAbi;

impl ContractAbi for RelayAbi {
    type Operation = (ApplicationId, u32);
    type Response = String;
}

impl WithContractAbi for Relay {
    type Abi = RelayAbi;
}

/// Passes operations on, and tells another chain about each.
impl Contract for Relay {
    type Message = u32;
    type Parameters = ChainId;
    type InstantiationArgument = ();
    type EventValue = u32;

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Relay(runtime)
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, (to, number): (ApplicationId, u32)) -> String {
        let chain = self.0.application_parameters();
        self.0.prepare_message(number).with_tracking().with_grant(Amount::ONE).send_to(chain);
        self.0.emit(b"numbers", &number);
        self.0.call_application::<RelayAbi>(true, to, &(to, number))
    }

    fn execute_message(&mut self, number: u32) {
        let owner = Owner::Application(self.0.application_id());
        self.0.transfer(Holder::Owner(owner), Account::of_chain(self.0.chain_id()), Amount(number.into()));
    }
}

const OTHER: ApplicationId = ApplicationId(Hash([8; 32]));
const FAR: ChainId = ChainId(Hash([9; 32]));

fn relay(mock: &Mock) -> Relay {
    mock.with(|world| world.set_parameters(&FAR));
    Relay::load(mock.contract_runtime())
}

#[test]
fn what_a_contract_does_is_kept() {
    let mock = Mock::new();
    let mut relay = relay(&mock);
    mock.with(|world| world.expect_call(OTHER, true, &(OTHER, 3u32), &"done"));
    assert_eq!(relay.execute_operation((OTHER, 3)), "done");
    mock.with(|world| assert!(world.messages[0].is_tracked && world.messages[0].grant == Amount::ONE));
    assert_eq!(mock.sent::<u32>(), [(FAR, 3)]);
    assert_eq!(mock.emitted::<u32>(b"numbers"), [3]);
}

#[test]
fn transfers_move_money() {
    let mock = Mock::new();
    let mut relay = relay(&mock);
    let own = mock.with(|world| Holder::Owner(Owner::Application(world.facts.application)));
    mock.with(|world| world.balances.insert(own, Amount(5)));
    relay.execute_message(3);
    mock.with(|world| assert_eq!(world.balances, [(Holder::Chain, Amount(3)), (own, Amount(2))].into()));
}

#[test]
#[should_panic = "nobody expects"]
fn a_call_that_nobody_expects_fails_the_test() {
    let mock = Mock::new();
    relay(&mock).execute_operation((OTHER, 3));
}

#[test]
#[should_panic = "never asked for"]
fn an_expectation_that_nobody_meets_fails_the_test() {
    let mock = Mock::new();
    mock.with(|world| world.expect_call(OTHER, true, &(OTHER, 3u32), &"done"));
}
