//! The contract of requests for quotes.
#![cfg_attr(target_arch = "wasm32", no_main)]

use fungible::{FungibleAbi, owner_of};
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Amount, ApplicationId, ChainId, Holder, Owner, OwnerSet, Ownership, Permissions},
};
use rfq::{Asked, Exchange, Message, Operation, Quoted, RfqAbi, RfqState, Side, Tokens};

/// Rounds in which either side may make the next block of an exchange.
const OPEN_ROUNDS: u32 = 10;

struct Rfq {
    state: RfqState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(Rfq);

impl WithContractAbi for Rfq {
    type Abi = RfqAbi;
}

impl Contract for Rfq {
    type Message = Message;
    type Parameters = ();
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        Rfq { state: RfqState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {}

    fn execute_operation(&mut self, operation: Operation) -> Option<ChainId> {
        match operation {
            Operation::Ask { owner, of, sell, buy } => self.ask(owner, of, sell, buy),
            Operation::Quote { owner, from, number, amount } => self.quote(owner, from, number, amount),
            Operation::Accept { number, balance } => return Some(self.accept(number, balance)),
            Operation::Settle { exchange } => self.settle(exchange),
            Operation::Withdraw => self.withdraw(),
        }
        None
    }

    fn execute_message(&mut self, message: Message) {
        let origin = self.runtime.message_origin_chain_id().expect("a message comes from somewhere");
        match message {
            Message::Ask { number, owner, sell, buy } => {
                let of = self.runtime.chain_id();
                self.state.questions.insert(&(origin, number), Asked { owner, of, sell, buy, quoted: None });
            }
            Message::Quote { number, owner, amount } => {
                let mut asked = self.state.asked.get(&number).expect("an answer follows a question");
                assert_eq!(asked.of, origin, "somebody else was asked");
                asked.quoted = Some(Quoted { owner, amount });
                self.state.asked.insert(&number, asked);
            }
            Message::Begin { sides } => {
                self.begin(sides);
            }
            Message::Invite { exchange, brings, owner } => {
                self.check_was_promised(origin, owner, brings);
                self.state.invitations.insert(&exchange, (owner, brings));
            }
            Message::Deposit { owner, brings } => {
                let home = Account { chain: origin, holder: Holder::Owner(owner) };
                self.take_in(Side { home, brings });
            }
        }
    }
}

/// On the chains of people.
impl Rfq {
    fn ask(&mut self, owner: Owner, of: ChainId, sell: Tokens, buy: ApplicationId) {
        self.check_acts_for(owner);
        assert_ne!(of, self.runtime.chain_id(), "somebody else is asked");
        let number = self.state.count.update(|count| std::mem::replace(count, *count + 1));
        self.state.asked.insert(&number, Asked { owner, of, sell, buy, quoted: None });
        self.runtime.send_message(of, Message::Ask { number, owner, sell, buy });
    }

    fn quote(&mut self, owner: Owner, from: ChainId, number: u64, amount: Amount) {
        self.check_acts_for(owner);
        let mut asked = self.question(from, number);
        assert_eq!(asked.quoted, None, "the question was answered");
        asked.quoted = Some(Quoted { owner, amount });
        self.state.questions.insert(&(from, number), asked);
        self.runtime.send_message(from, Message::Quote { number, owner, amount });
    }

    /// Opens the chain of the exchange, tells both who brings what, and brings one's own.
    fn accept(&mut self, number: u64, balance: Amount) -> ChainId {
        let asked = self.state.asked.get(&number).unwrap_or_else(|| panic!("there is no question {number}"));
        let Asked { owner, of, sell, buy, quoted } = asked;
        self.check_acts_for(owner);
        let Quoted { owner: other, amount } = quoted.expect("nobody has answered yet");
        self.state.asked.remove(&number);
        let bought = Tokens { token: buy, amount };
        let here = Account { chain: self.runtime.chain_id(), holder: Holder::Owner(owner) };
        let there = Account { chain: of, holder: Holder::Owner(other) };
        let exchange = self.open([owner, other], balance);
        let sides = [Side { home: here, brings: sell }, Side { home: there, brings: bought }];
        self.runtime.send_message(exchange, Message::Begin { sides });
        self.runtime.send_message(of, Message::Invite { exchange, brings: bought, owner: other });
        self.bring(exchange, owner, sell);
        exchange
    }

    fn settle(&mut self, exchange: ChainId) {
        let invitation = self.state.invitations.get(&exchange);
        let (owner, brings) = invitation.unwrap_or_else(|| panic!("nobody was invited to chain {exchange}"));
        self.state.invitations.remove(&exchange);
        self.bring(exchange, owner, brings);
    }

    /// Where the exchange is over already, both messages are rejected together, and the tokens come back.
    fn bring(&mut self, exchange: ChainId, owner: Owner, brings: Tokens) {
        let purse = Account { chain: exchange, holder: Holder::Owner(self.itself()) };
        self.transfer(owner, brings, purse);
        self.runtime.send_message(exchange, Message::Deposit { owner, brings });
    }

    fn open(&mut self, both: [Owner; 2], balance: Amount) -> ChainId {
        let itself = self.runtime.application_id();
        let regular = both.into_iter().map(|owner| (owner, 1)).collect();
        let owners = OwnerSet { regular, multi_leader_rounds: OPEN_ROUNDS, ..OwnerSet::default() };
        let permissions =
            Permissions { operations: Some(vec![itself]), manage_chain: vec![itself], ..Permissions::default() };
        self.runtime.open_chain(Ownership::owners(owners), permissions, balance)
    }

    /// Nobody is invited to bring what they did not promise to whoever invites them.
    fn check_was_promised(&mut self, from: ChainId, owner: Owner, brings: Tokens) {
        let promised =
            |asked: &Asked| asked.buy == brings.token && asked.quoted == Some(Quoted { owner, amount: brings.amount });
        let mut questions = self.state.questions.iter();
        let found = questions.find(|((chain, _), asked)| *chain == from && promised(asked));
        drop(questions);
        let (key, _) = found.expect("this was not promised");
        self.state.questions.remove(&key);
    }

    fn question(&self, from: ChainId, number: u64) -> Asked {
        let asked = self.state.questions.get(&(from, number));
        asked.unwrap_or_else(|| panic!("chain {from} has asked no question {number}"))
    }
}

/// On the chain of an exchange.
impl Rfq {
    fn begin(&mut self, sides: [Side; 2]) {
        assert_eq!(self.state.exchange.get(), None, "a chain is for one exchange");
        self.state.exchange.set(Some(Exchange { sides, is_there: [false; 2] }));
        while let Some(early) = self.state.early.pop() {
            if sides.contains(&early) {
                self.take_in(early);
            } else {
                self.transfer(self.itself(), early.brings, early.home);
            }
        }
    }

    fn take_in(&mut self, brought: Side) {
        let Some(mut exchange) = self.state.exchange.get() else { return self.state.early.push(brought) };
        let place = exchange.sides.iter().position(|side| *side == brought).expect("this was not promised");
        assert!(!exchange.is_there[place], "it was brought already");
        exchange.is_there[place] = true;
        if exchange.is_there == [true; 2] {
            let [first, second] = exchange.sides;
            self.transfer(self.itself(), first.brings, second.home);
            self.transfer(self.itself(), second.brings, first.home);
            self.runtime.close_chain();
        }
        self.state.exchange.set(Some(exchange));
    }

    /// Only the two sides make blocks of this chain.
    fn withdraw(&mut self) {
        let exchange = self.exchange();
        for (side, is_there) in exchange.sides.into_iter().zip(exchange.is_there) {
            if is_there {
                self.transfer(self.itself(), side.brings, side.home);
            }
        }
        self.runtime.close_chain();
    }

    fn exchange(&self) -> Exchange {
        self.state.exchange.get().expect("there is no exchange on this chain")
    }
}

impl Rfq {
    fn transfer(&mut self, owner: Owner, Tokens { token, amount }: Tokens, to: Account) {
        owner_of(to);
        let transfer = fungible::Operation::Transfer { owner, amount, to };
        self.runtime.call_application::<FungibleAbi>(true, token, &transfer);
    }

    fn check_acts_for(&self, owner: Owner) {
        if let Err(why) = self.runtime.check_account_permission(owner) {
            panic!("{why}");
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
    const BOB: Owner = Owner::Ed25519([2; 32]);
    const BOBS: ChainId = ChainId(Hash([9; 32]));
    const GOLD: Tokens = Tokens { token: ApplicationId(Hash([7; 32])), amount: Amount(5) };
    const SILVER: Tokens = Tokens { token: ApplicationId(Hash([8; 32])), amount: Amount(70) };

    fn rfq(mock: &Mock) -> Rfq {
        mock.with(|world| world.set_signer(ANN));
        Rfq::load(mock.contract_runtime())
    }

    #[test]
    fn a_question_and_its_answer() {
        let mock = Mock::new();
        let mut rfq = rfq(&mock);
        rfq.execute_operation(Operation::Ask { owner: ANN, of: BOBS, sell: GOLD, buy: SILVER.token });
        let sent: Vec<(_, Message)> = mock.sent();
        assert!(matches!(&sent[..], [(BOBS, Message::Ask { number: 0, owner: ANN, .. })]), "{sent:?}");
        mock.with(|world| world.set_message(BOBS, false));
        rfq.execute_message(Message::Quote { number: 0, owner: BOB, amount: Amount(70) });
        let quoted = rfq.state.asked.get(&0).and_then(|asked| asked.quoted);
        assert_eq!(quoted, Some(Quoted { owner: BOB, amount: Amount(70) }));
    }

    #[test]
    #[should_panic = "this was not promised"]
    fn nobody_is_invited_to_bring_what_they_did_not_promise() {
        let mock = Mock::new();
        let mut rfq = rfq(&mock);
        mock.with(|world| world.set_message(BOBS, false));
        rfq.execute_message(Message::Invite { exchange: BOBS, brings: GOLD, owner: ANN });
    }

    /// Ann brings gold from her chain, and Bob silver from his.
    fn sides() -> [Side; 2] {
        [(ChainId(Hash([3; 32])), ANN, GOLD), (BOBS, BOB, SILVER)]
            .map(|(chain, owner, brings)| Side { home: Account { chain, holder: Holder::Owner(owner) }, brings })
    }

    fn arrive(mock: &Mock, rfq: &mut Rfq, Side { home, brings }: Side) {
        mock.with(|world| world.set_message(home.chain, false));
        rfq.execute_message(Message::Deposit { owner: owner_of(home), brings });
    }

    /// Each gets what the other one has brought.
    fn expect_swap(mock: &Mock, rfq: &Rfq) {
        let (owner, [ann, bob]) = (rfq.itself(), sides());
        mock.with(|world| {
            for (Tokens { token, amount }, to) in [(ann.brings, bob.home), (bob.brings, ann.home)] {
                let transfer = fungible::Operation::Transfer { owner, amount, to };
                world.expect_call(token, true, &transfer, &Amount::ZERO);
            }
        });
    }

    #[test]
    fn when_both_are_there_they_change_hands() {
        let mock = Mock::new();
        let mut rfq = rfq(&mock);
        let [ann, bob] = sides();
        mock.with(|world| world.set_message(ann.home.chain, false));
        rfq.execute_message(Message::Begin { sides: sides() });
        arrive(&mock, &mut rfq, ann);
        expect_swap(&mock, &rfq);
        arrive(&mock, &mut rfq, bob);
        assert!(mock.with(|world| world.is_closed));
    }

    #[test]
    fn what_comes_before_the_beginning_is_kept() {
        let mock = Mock::new();
        let mut rfq = rfq(&mock);
        let [ann, bob] = sides();
        arrive(&mock, &mut rfq, bob);
        let stranger = Side { brings: GOLD, ..bob };
        arrive(&mock, &mut rfq, stranger);
        let (owner, amount, to) = (rfq.itself(), GOLD.amount, stranger.home);
        let back = fungible::Operation::Transfer { owner, amount, to };
        mock.with(|world| world.expect_call(GOLD.token, true, &back, &Amount::ZERO));
        rfq.execute_message(Message::Begin { sides: sides() });
        expect_swap(&mock, &rfq);
        arrive(&mock, &mut rfq, ann);
        assert!(mock.with(|world| world.is_closed));
    }
}
