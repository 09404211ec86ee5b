//! The contract of the tokens.
#![cfg_attr(target_arch = "wasm32", no_main)]

use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Hash, Holder, Owner},
};
use non_fungible::{Message, NonFungibleAbi, NonFungibleState, Operation, Token, image_blob};

struct NonFungible {
    state: NonFungibleState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(NonFungible);

impl WithContractAbi for NonFungible {
    type Abi = NonFungibleAbi;
}

impl Contract for NonFungible {
    type Message = Message;
    type Parameters = ();
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        NonFungible { state: NonFungibleState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Option<Hash> {
        match operation {
            Operation::Mint { minter, name, image } => Some(self.mint(minter, name, image)),
            Operation::Transfer { token, to } => {
                let found = self.state.remove(token);
                self.check_acts_for(found.owner);
                self.give(found, to);
                Some(token)
            }
            Operation::Claim { from, token, to } => {
                let owner = owner_of(from);
                self.check_acts_for(owner);
                self.fetch(from, owner, token, to);
                Some(token)
            }
        }
    }

    fn execute_message(&mut self, message: Message) {
        match message {
            Message::Give { token, target } => {
                let is_back = self.runtime.message_is_bouncing() == Some(true);
                let owner = if is_back { token.owner } else { target };
                self.state.add(Token { owner, ..token });
            }
            Message::Fetch { owner, token, to } => {
                self.check_acts_for(owner);
                self.give_of(owner, token, to);
            }
        }
    }
}

impl NonFungible {
    fn mint(&mut self, minter: Owner, name: String, image: Hash) -> Hash {
        self.check_acts_for(minter);
        self.runtime.assert_data_blob_exists(image_blob(image));
        let id = self.state.next_id(self.runtime.chain_id());
        self.state.add(Token { id, owner: minter, name, minter, image });
        id
    }

    fn fetch(&mut self, from: Account, owner: Owner, token: Hash, to: Account) {
        if from.chain == self.runtime.chain_id() {
            self.give_of(owner, token, to);
        } else {
            let fetch = Message::Fetch { owner, token, to };
            self.runtime.prepare_message(fetch).with_authentication().send_to(from.chain);
        }
    }

    fn give_of(&mut self, owner: Owner, token: Hash, to: Account) {
        let token = self.state.remove(token);
        assert_eq!(token.owner, owner, "the token belongs to somebody else");
        self.give(token, to);
    }

    /// Gives what was taken off this chain.
    fn give(&mut self, token: Token, to: Account) {
        let target = owner_of(to);
        if to.chain == self.runtime.chain_id() {
            self.state.add(Token { owner: target, ..token });
        } else {
            self.runtime.prepare_message(Message::Give { token, target }).with_tracking().send_to(to.chain);
        }
    }

    fn check_acts_for(&self, owner: Owner) {
        if let Err(why) = self.runtime.check_account_permission(owner) {
            panic!("{why}");
        }
    }
}

fn owner_of(account: Account) -> Owner {
    match account.holder {
        Holder::Owner(owner) => owner,
        Holder::Chain => panic!("tokens belong to owners, and {account} names none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{mock::Mock, types::ChainId};

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const BOB: Owner = Owner::Ed25519([2; 32]);
    const IMAGE: Hash = Hash([5; 32]);
    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));

    fn tokens(mock: &Mock) -> NonFungible {
        mock.with(|world| {
            world.set_signer(ANN);
            world.blobs.insert(image_blob(IMAGE), b"a picture".to_vec());
        });
        NonFungible::load(mock.contract_runtime())
    }

    fn mint(tokens: &mut NonFungible, name: &str) -> Hash {
        let mint = Operation::Mint { minter: ANN, name: name.into(), image: IMAGE };
        tokens.execute_operation(mint).expect("minting gives a token")
    }

    #[test]
    fn two_of_one_name_and_image_are_two() {
        let mock = Mock::new();
        let mut tokens = tokens(&mock);
        assert_ne!(mint(&mut tokens, "Moon"), mint(&mut tokens, "Moon"));
        assert_eq!(tokens.state.by_owner.iter().count(), 2);
    }

    #[test]
    fn a_token_is_on_one_chain_at_a_time() {
        let mock = Mock::new();
        let mut tokens = tokens(&mock);
        let token = mint(&mut tokens, "Moon");
        let to = Account { chain: ELSEWHERE, holder: Holder::Owner(BOB) };
        tokens.execute_operation(Operation::Transfer { token, to });
        assert_eq!(tokens.state.tokens.get(&token), None);
        let sent: Vec<(_, Message)> = mock.sent();
        assert!(matches!(&sent[..], [(ELSEWHERE, Message::Give { target: BOB, .. })]), "{sent:?}");
    }

    #[test]
    #[should_panic = "may act for"]
    fn nobody_gives_away_what_is_not_theirs() {
        let mock = Mock::new();
        let mut tokens = tokens(&mock);
        let token = mint(&mut tokens, "Moon");
        mock.with(|world| world.set_signer(BOB));
        let to = Account { chain: ELSEWHERE, holder: Holder::Owner(BOB) };
        tokens.execute_operation(Operation::Transfer { token, to });
    }
}
