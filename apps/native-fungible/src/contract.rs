//! The contract: every operation is one of the chain's own.
#![cfg_attr(target_arch = "wasm32", no_main)]

use fungible::owner_of;
use myceline_sdk::{
    Contract, ContractRuntime, WithContractAbi,
    types::{Account, Amount, Holder, Owner},
};
use native_fungible::{NativeFungibleAbi, Operation, Parameters, Supply};

struct NativeFungible {
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(NativeFungible);

impl WithContractAbi for NativeFungible {
    type Abi = NativeFungibleAbi;
}

impl Contract for NativeFungible {
    type Message = ();
    type Parameters = Parameters;
    type InstantiationArgument = Supply;
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        NativeFungible { runtime }
    }

    /// What somebody has at first, the chain pays.
    fn instantiate(&mut self, supply: Supply) {
        let chain = self.runtime.chain_id();
        for (owner, amount) in supply.accounts {
            self.runtime.transfer(Holder::Chain, Account { chain, holder: Holder::Owner(owner) }, amount);
        }
    }

    fn execute_operation(&mut self, operation: Operation) -> Amount {
        let owner = self.execute(operation);
        self.runtime.owner_balance(owner)
    }

    fn execute_message(&mut self, _message: ()) {
        panic!("the chains themselves move the native token");
    }
}

impl NativeFungible {
    fn execute(&mut self, operation: Operation) -> Owner {
        match operation {
            Operation::Balance { owner } => owner,
            Operation::Transfer { owner, amount, to } => {
                self.runtime.transfer(Holder::Owner(owner), belonging_to_an_owner(to), amount);
                owner
            }
            Operation::Approve { owner, spender, amount } => {
                self.runtime.approve(owner, spender, amount);
                owner
            }
            Operation::TransferFrom { owner, spender, amount, to } => {
                self.runtime.transfer_from(owner, spender, belonging_to_an_owner(to), amount);
                owner
            }
            Operation::Claim { from, amount, to } => {
                let owner = owner_of(from);
                self.runtime.claim(from.chain, owner, belonging_to_an_owner(to), amount);
                owner
            }
        }
    }
}

fn belonging_to_an_owner(account: Account) -> Account {
    owner_of(account);
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn the_chain_pays_the_first_accounts() {
        let mock = Mock::new();
        let ann = Owner::Ed25519([1; 32]);
        mock.with(|world| world.balances.insert(Holder::Chain, Amount::from_tokens(5)));
        let mut native = NativeFungible::load(mock.contract_runtime());
        native.instantiate(Supply { accounts: [(ann, Amount::from_tokens(2))].into() });
        assert_eq!(native.execute_operation(Operation::Balance { owner: ann }), Amount::from_tokens(2));
        assert_eq!(mock.with(|world| world.balances[&Holder::Chain]), Amount::from_tokens(3));
    }
}
