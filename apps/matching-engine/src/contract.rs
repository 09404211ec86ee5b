//! The contract of the matching engine: it moves the tokens that the book speaks of.
#![cfg_attr(target_arch = "wasm32", no_main)]

use fungible::{FungibleAbi, owner_of};
use matching_engine::{Book, MatchingAbi, Message, Operation, Order, Parameters, Side, Trade};
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Amount, ApplicationId, ChainId, Holder, Owner, OwnerSet, Ownership, Permissions},
};

/// Rounds in which any keeper may make the next block of a market.
const OPEN_ROUNDS: u32 = 10;

struct Matching {
    book: Book,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(Matching);

impl WithContractAbi for Matching {
    type Abi = MatchingAbi;
}

impl Contract for Matching {
    type Message = Message;
    type Parameters = Parameters;
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Matching { book: Book::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Option<ChainId> {
        match operation {
            Operation::Open { keepers, balance } => return Some(self.open(keepers, balance)),
            Operation::Submit { market, owner, side, price, quantity } => {
                self.send_order(market, owner, side, price, quantity);
            }
            Operation::Cancel { market, owner, order } => {
                let cancel = Message::Cancel { owner, order };
                self.runtime.prepare_message(cancel).with_authentication().send_to(market);
            }
            Operation::Close => self.close(),
        }
        None
    }

    fn execute_message(&mut self, message: Message) {
        let chain = self.runtime.message_origin_chain_id().expect("a message comes from somewhere");
        match message {
            Message::Submit { owner, side, price, quantity } => {
                let home = Account { chain, holder: Holder::Owner(owner) };
                for trade in self.book.submit(home, side, price, quantity) {
                    self.settle(&trade);
                }
            }
            Message::Cancel { owner, order } => self.cancel(owner, order),
        }
    }
}

impl Matching {
    fn open(&mut self, keepers: Vec<Owner>, balance: Amount) -> ChainId {
        let itself = self.runtime.application_id();
        let regular = keepers.into_iter().map(|keeper| (keeper, 1)).collect();
        let owners = OwnerSet { regular, multi_leader_rounds: OPEN_ROUNDS, ..OwnerSet::default() };
        let permissions =
            Permissions { operations: Some(vec![itself]), manage_chain: vec![itself], ..Permissions::default() };
        self.runtime.open_chain(Ownership::owners(owners), permissions, balance)
    }

    /// Where the market does not take the order, both messages are rejected together, and the tokens come back.
    fn send_order(&mut self, market: ChainId, owner: Owner, side: Side, price: u64, quantity: Amount) {
        assert_ne!(market, self.runtime.chain_id(), "orders come from the chains of their owners");
        assert!(price > 0 && !quantity.is_zero(), "an order has a price and a quantity");
        let home = Account { chain: self.runtime.chain_id(), holder: Holder::Owner(owner) };
        let needed = Order { id: 0, home, side, price, left: quantity }.reserved();
        let purse = Account { chain: market, holder: Holder::Owner(self.itself()) };
        self.transfer(self.token_of(side), owner, needed, purse);
        self.runtime.send_message(market, Message::Submit { owner, side, price, quantity });
    }

    fn settle(&mut self, trade: &Trade) {
        let Parameters { base, quote } = self.runtime.application_parameters();
        let paid = trade.quantity.checked_mul(trade.price).expect("it was set aside");
        self.pay(base, trade.quantity, trade.buyer);
        self.pay(quote, paid, trade.seller);
        self.pay(quote, trade.saved, trade.buyer);
    }

    fn cancel(&mut self, owner: Owner, order: u64) {
        if let Err(why) = self.runtime.check_account_permission(owner) {
            panic!("{why}");
        }
        let order = self.book.remove(order).unwrap_or_else(|| panic!("there is no order {order} any more"));
        assert_eq!(owner_of(order.home), owner, "the order is somebody else's");
        self.give_back(&order);
    }

    /// Whoever makes blocks of the market may end it; the chain's permissions let nothing else do that.
    fn close(&mut self) {
        let waiting: Vec<Order> = self.book.orders.iter().map(|(_, order)| order).collect();
        for order in waiting {
            self.book.remove(order.id);
            self.give_back(&order);
        }
        self.runtime.close_chain();
    }

    fn give_back(&mut self, order: &Order) {
        self.pay(self.token_of(order.side), order.reserved(), order.home);
    }

    fn pay(&mut self, token: ApplicationId, amount: Amount, to: Account) {
        if !amount.is_zero() {
            self.transfer(token, self.itself(), amount, to);
        }
    }

    fn transfer(&mut self, token: ApplicationId, owner: Owner, amount: Amount, to: Account) {
        let transfer = fungible::Operation::Transfer { owner, amount, to };
        self.runtime.call_application::<FungibleAbi>(true, token, &transfer);
    }

    /// What an order of this side sets aside.
    fn token_of(&self, side: Side) -> ApplicationId {
        let Parameters { base, quote } = self.runtime.application_parameters();
        match side {
            Side::Buy => quote,
            Side::Sell => base,
        }
    }

    fn itself(&self) -> Owner {
        Owner::Application(self.runtime.application_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{mock::Mock, types::Hash};

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const BASE: ApplicationId = ApplicationId(Hash([7; 32]));
    const QUOTE: ApplicationId = ApplicationId(Hash([8; 32]));
    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));

    fn engine(mock: &Mock) -> Matching {
        mock.with(|world| {
            world.set_parameters(&Parameters { base: BASE, quote: QUOTE });
            world.set_signer(ANN);
        });
        Matching::load(mock.contract_runtime())
    }

    #[test]
    fn an_order_takes_its_tokens_along() {
        let mock = Mock::new();
        let mut engine = engine(&mock);
        let to = Account { chain: ELSEWHERE, holder: Holder::Owner(engine.itself()) };
        mock.with(|world| {
            let set_aside = fungible::Operation::Transfer { owner: ANN, amount: Amount(30), to };
            world.expect_call(QUOTE, true, &set_aside, &Amount::ZERO);
        });
        let (side, price, quantity) = (Side::Buy, 3, Amount(10));
        engine.execute_operation(Operation::Submit { market: ELSEWHERE, owner: ANN, side, price, quantity });
        assert_eq!(mock.sent(), [(ELSEWHERE, Message::Submit { owner: ANN, side, price, quantity })]);
    }

    #[test]
    fn a_market_pays_back_and_closes() {
        let mock = Mock::new();
        let mut engine = engine(&mock);
        mock.with(|world| world.set_message(ELSEWHERE, false));
        engine.execute_message(Message::Submit { owner: ANN, side: Side::Sell, price: 3, quantity: Amount(10) });
        let (owner, to) = (engine.itself(), Account { chain: ELSEWHERE, holder: Holder::Owner(ANN) });
        mock.with(|world| {
            let back = fungible::Operation::Transfer { owner, amount: Amount(10), to };
            world.expect_call(BASE, true, &back, &Amount::ZERO);
        });
        engine.execute_operation(Operation::Close);
        assert!(mock.with(|world| world.is_closed));
    }

    #[test]
    #[should_panic = "somebody else's"]
    fn nobody_cancels_orders_of_others() {
        let mock = Mock::new();
        let mut engine = engine(&mock);
        mock.with(|world| world.set_message(ELSEWHERE, false));
        let owner = Owner::Ed25519([2; 32]);
        engine.execute_message(Message::Submit { owner, side: Side::Sell, price: 3, quantity: Amount(10) });
        engine.execute_message(Message::Cancel { owner: ANN, order: 0 });
    }
}
