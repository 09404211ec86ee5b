//! The contract of the exchange.
#![cfg_attr(target_arch = "wasm32", no_main)]

use amm::{AmmAbi, AmmState, Message, Operation, Parameters, PoolError, Reserves};
use fungible::FungibleAbi;
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Amount, ChainId, Holder, Owner},
};

struct Amm {
    state: AmmState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(Amm);

impl WithContractAbi for Amm {
    type Abi = AmmAbi;
}

impl Contract for Amm {
    type Message = Message;
    type Parameters = Parameters;
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Amm { state: AmmState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {
        let [first, second] = self.runtime.application_parameters().tokens;
        assert_ne!(first, second, "an exchange is between two tokens");
    }

    /// Sends the tokens to the exchange, and says there what they are for.
    fn execute_operation(&mut self, operation: Operation) {
        self.pay_in(&operation);
        let (here, home) = (self.runtime.chain_id(), self.home());
        if here == home {
            self.exchange(operation, here);
        } else {
            // Where the exchange refuses, both messages are rejected together, and the tokens come back.
            self.runtime.prepare_message(operation).with_authentication().send_to(home);
        }
    }

    fn execute_message(&mut self, operation: Message) {
        let origin = self.runtime.message_origin_chain_id().expect("a message comes from somewhere");
        self.exchange(operation, origin);
    }
}

impl Amm {
    fn pay_in(&mut self, operation: &Operation) {
        match *operation {
            Operation::Swap { owner, give, amount, .. } => self.transfer(place(give), owner, amount, self.purse()),
            Operation::Deposit { owner, first, second } => {
                self.transfer(0, owner, first, self.purse());
                self.transfer(1, owner, second, self.purse());
            }
            Operation::Withdraw { owner, .. } => self.check_acts_for(owner),
        }
    }

    /// Does what was asked, once the tokens are here. What comes of it goes to the chain that asked.
    fn exchange(&mut self, operation: Operation, origin: ChainId) {
        let mut reserves = self.state.reserves.get();
        match operation {
            Operation::Swap { owner, give, amount, at_least } => {
                let out = sound(reserves.swap(place(give), amount));
                assert!(out >= at_least, "{amount} gives {out}, which is less than {at_least}");
                self.pay_out(1 - place(give), out, owner, origin);
            }
            Operation::Deposit { owner, first, second } => {
                self.deposit(&mut reserves, owner, [first, second], origin);
            }
            Operation::Withdraw { owner, shares } => {
                self.check_acts_for(owner);
                self.withdraw(&mut reserves, owner, shares, origin);
            }
        }
        self.state.reserves.set(reserves);
    }

    fn deposit(&mut self, reserves: &mut Reserves, owner: Owner, offered: [Amount; 2], origin: ChainId) {
        let (taken, shares) = sound(reserves.deposit(offered));
        let owned = self.state.shares.get_or_default(&owner).checked_add(shares);
        self.state.shares.insert(&owner, owned.expect("shares are as many as tokens"));
        for token in 0..2 {
            self.pay_out(token, offered[token].saturating_sub(taken[token]), owner, origin);
        }
    }

    fn withdraw(&mut self, reserves: &mut Reserves, owner: Owner, shares: Amount, origin: ChainId) {
        let owned = self.state.shares.get_or_default(&owner);
        let left = owned.checked_sub(shares).unwrap_or_else(|| panic!("{owner} has {owned} shares, not {shares}"));
        if left.is_zero() {
            self.state.shares.remove(&owner)
        } else {
            self.state.shares.insert(&owner, left)
        }
        let paid = sound(reserves.withdraw(shares));
        for (token, amount) in paid.into_iter().enumerate() {
            self.pay_out(token, amount, owner, origin);
        }
    }

    fn pay_out(&mut self, token: usize, amount: Amount, owner: Owner, chain: ChainId) {
        if !amount.is_zero() {
            self.transfer(token, self.itself(), amount, Account { chain, holder: Holder::Owner(owner) });
        }
    }

    fn transfer(&mut self, token: usize, owner: Owner, amount: Amount, to: Account) {
        let token = self.runtime.application_parameters().tokens[token];
        let transfer = fungible::Operation::Transfer { owner, amount, to };
        self.runtime.call_application::<FungibleAbi>(true, token, &transfer);
    }

    fn check_acts_for(&self, owner: Owner) {
        if let Err(why) = self.runtime.check_account_permission(owner) {
            panic!("{why}");
        }
    }

    fn home(&self) -> ChainId {
        self.runtime.application_creator_chain_id()
    }

    fn itself(&self) -> Owner {
        Owner::Application(self.runtime.application_id())
    }

    /// The account with what the exchange holds.
    fn purse(&self) -> Account {
        Account { chain: self.home(), holder: Holder::Owner(self.itself()) }
    }
}

fn place(token: u8) -> usize {
    assert!(token < 2, "there are two tokens, 0 and 1");
    token.into()
}

fn sound<T>(result: Result<T, PoolError>) -> T {
    result.unwrap_or_else(|why| match why {
        PoolError::Nothing => panic!("nothing comes of so little"),
        PoolError::Empty => panic!("nobody has deposited anything yet"),
        PoolError::TooMuch => panic!("the exchange does not have so much"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{ApplicationId, Hash},
    };

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));
    const TOKENS: [ApplicationId; 2] = [ApplicationId(Hash([7; 32])), ApplicationId(Hash([8; 32]))];

    /// An exchange that holds a hundred of one token and four hundred of the other one.
    fn exchange(mock: &Mock) -> Amm {
        mock.with(|world| world.set_parameters(&Parameters { tokens: TOKENS }));
        let mut amm = Amm::load(mock.contract_runtime());
        let mut reserves = Reserves::default();
        reserves.deposit([Amount::from_tokens(100), Amount::from_tokens(400)]).unwrap();
        amm.state.reserves.set(reserves);
        amm
    }

    #[test]
    fn who_asks_from_elsewhere_is_paid_there() {
        let mock = Mock::new();
        let mut amm = exchange(&mock);
        let give = Amount::from_tokens(25);
        let amount = amm.state.reserves.get().swap(0, give).unwrap();
        let (owner, to) = (amm.itself(), Account { chain: ELSEWHERE, holder: Holder::Owner(ANN) });
        mock.with(|world| {
            world.set_message(ELSEWHERE, false);
            let pay = fungible::Operation::Transfer { owner, amount, to };
            world.expect_call(TOKENS[1], true, &pay, &Amount::ZERO);
        });
        amm.execute_message(Operation::Swap { owner: ANN, give: 0, amount: give, at_least: Amount::ZERO });
        assert_eq!(amm.state.reserves.get().tokens[0], Amount::from_tokens(125));
    }

    #[test]
    #[should_panic = "which is less than 80"]
    fn a_price_that_moved_is_refused() {
        let mock = Mock::new();
        let mut amm = exchange(&mock);
        mock.with(|world| world.set_message(ELSEWHERE, false));
        let (amount, at_least) = (Amount::from_tokens(25), Amount::from_tokens(80));
        amm.execute_message(Operation::Swap { owner: ANN, give: 0, amount, at_least });
    }

    #[test]
    #[should_panic = "may act for"]
    fn nobody_withdraws_shares_of_others() {
        let mock = Mock::new();
        exchange(&mock).execute_operation(Operation::Withdraw { owner: ANN, shares: Amount::ONE });
    }
}
