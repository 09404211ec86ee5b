//! The contract of fungible tokens.
#![cfg_attr(target_arch = "wasm32", no_main)]

use fungible::{FungibleAbi, FungibleState, Message, Operation, Parameters, Supply, owner_of};
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Amount, Owner},
};

struct Fungible {
    state: FungibleState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(Fungible);

impl WithContractAbi for Fungible {
    type Abi = FungibleAbi;
}

impl Contract for Fungible {
    type Message = Message;
    type Parameters = Parameters;
    type InstantiationArgument = Supply;
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Fungible { state: FungibleState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, supply: Supply) {
        for (owner, amount) in supply.accounts {
            self.state.credit(owner, amount);
        }
    }

    fn execute_operation(&mut self, operation: Operation) -> Amount {
        let owner = match operation {
            Operation::Balance { owner } => owner,
            Operation::Transfer { owner, amount, to } => {
                self.check_acts_for(owner);
                self.transfer(owner, amount, to);
                owner
            }
            Operation::Approve { owner, spender, amount } => {
                self.check_acts_for(owner);
                self.state.allow(owner, spender, amount);
                owner
            }
            Operation::TransferFrom { owner, spender, amount, to } => {
                self.check_acts_for(spender);
                self.state.spend(owner, spender, amount);
                self.transfer(owner, amount, to);
                owner
            }
            Operation::Claim { from, amount, to } => {
                let owner = owner_of(from);
                self.check_acts_for(owner);
                self.claim(from, amount, to);
                owner
            }
        };
        self.state.balances.get_or_default(&owner)
    }

    fn execute_message(&mut self, message: Message) {
        match message {
            Message::Credit { target, source, amount } => {
                let is_back = self.runtime.message_is_bouncing() == Some(true);
                self.state.credit(if is_back { source } else { target }, amount);
            }
            Message::Withdraw { owner, amount, to } => {
                self.check_acts_for(owner);
                self.transfer(owner, amount, to);
            }
        }
    }
}

impl Fungible {
    fn check_acts_for(&self, owner: Owner) {
        if let Err(why) = self.runtime.check_account_permission(owner) {
            panic!("{why}");
        }
    }

    fn transfer(&mut self, source: Owner, amount: Amount, to: Account) {
        let target = owner_of(to);
        self.state.debit(source, amount);
        if to.chain == self.runtime.chain_id() {
            self.state.credit(target, amount);
        } else {
            let credit = Message::Credit { target, source, amount };
            self.runtime.prepare_message(credit).with_tracking().send_to(to.chain);
        }
    }

    fn claim(&mut self, from: Account, amount: Amount, to: Account) {
        let owner = owner_of(from);
        if from.chain == self.runtime.chain_id() {
            self.transfer(owner, amount, to);
        } else {
            let withdraw = Message::Withdraw { owner, amount, to };
            self.runtime.prepare_message(withdraw).with_authentication().send_to(from.chain);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{ChainId, Hash, Holder},
    };
    use std::collections::BTreeMap;

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const BOB: Owner = Owner::Ed25519([2; 32]);
    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));

    /// A token of which Ann has ten, and Ann acts.
    fn token(mock: &Mock) -> Fungible {
        mock.with(|world| world.set_signer(ANN));
        let mut token = Fungible::load(mock.contract_runtime());
        token.instantiate(Supply { accounts: BTreeMap::from([(ANN, Amount::from_tokens(10))]) });
        token
    }

    fn here(mock: &Mock, owner: Owner) -> Account {
        Account { chain: mock.with(|world| world.facts.chain), holder: Holder::Owner(owner) }
    }

    #[test]
    fn tokens_move_between_owners() {
        let mock = Mock::new();
        let mut token = token(&mock);
        let to = here(&mock, BOB);
        let left = token.execute_operation(Operation::Transfer { owner: ANN, amount: Amount::from_tokens(3), to });
        assert_eq!(left, Amount::from_tokens(7));
        assert_eq!(token.execute_operation(Operation::Balance { owner: BOB }), Amount::from_tokens(3));
    }

    #[test]
    fn tokens_leave_for_another_chain_and_may_come_back() {
        let mock = Mock::new();
        let mut token = token(&mock);
        let (amount, to) = (Amount::from_tokens(10), Account { chain: ELSEWHERE, holder: Holder::Owner(BOB) });
        assert_eq!(token.execute_operation(Operation::Transfer { owner: ANN, amount, to }), Amount::ZERO);
        assert!(mock.with(|world| world.messages[0].is_tracked));
        let credit = Message::Credit { target: BOB, source: ANN, amount };
        assert_eq!(mock.sent::<Message>(), [(ELSEWHERE, credit.clone())]);

        mock.with(|world| world.set_message(ELSEWHERE, true));
        token.execute_message(credit);
        assert_eq!(token.state.balances.iter().collect::<Vec<_>>(), [(ANN, amount)]);
    }

    #[test]
    #[should_panic = "may act for"]
    fn nobody_moves_what_is_not_theirs() {
        let mock = Mock::new();
        let mut token = token(&mock);
        mock.with(|world| world.set_signer(BOB));
        let to = here(&mock, BOB);
        token.execute_operation(Operation::Transfer { owner: ANN, amount: Amount::ONE, to });
    }

    #[test]
    #[should_panic = "which is less than 4"]
    fn an_allowance_is_used_up() {
        let mock = Mock::new();
        let mut token = token(&mock);
        token.execute_operation(Operation::Approve { owner: ANN, spender: BOB, amount: Amount::from_tokens(5) });
        mock.with(|world| world.set_signer(BOB));
        let (amount, to) = (Amount::from_tokens(4), here(&mock, BOB));
        let spend = Operation::TransferFrom { owner: ANN, spender: BOB, amount, to };
        assert_eq!(token.execute_operation(spend.clone()), Amount::from_tokens(6));
        token.execute_operation(spend);
    }

    #[test]
    #[should_panic = "tokens belong to owners"]
    fn chains_own_nothing() {
        let mock = Mock::new();
        let mut token = token(&mock);
        let to = Account::of_chain(ELSEWHERE);
        token.execute_operation(Operation::Transfer { owner: ANN, amount: Amount::ONE, to });
    }
}
