//! The contract of a campaign.
#![cfg_attr(target_arch = "wasm32", no_main)]

use crowd_funding::{CampaignState, CrowdFundingAbi, Message, Operation, Parameters, Status};
use fungible::FungibleAbi;
use myceline_sdk::{
    Contract, ContractRuntime, State, WithContractAbi,
    types::{Account, Amount, ChainId, Holder, Owner},
};

struct CrowdFunding {
    state: CampaignState,
    runtime: ContractRuntime<Self>,
}

myceline_sdk::contract!(CrowdFunding);

impl WithContractAbi for CrowdFunding {
    type Abi = CrowdFundingAbi;
}

impl Contract for CrowdFunding {
    type Message = Message;
    type Parameters = Parameters;
    type InstantiationArgument = ();
    type EventValue = ();

    fn load(runtime: ContractRuntime<Self>) -> Self {
        CrowdFunding { state: CampaignState::load(runtime.root_view_storage_context()), runtime }
    }

    fn instantiate(&mut self, (): ()) {
        let deadline = self.runtime.application_parameters().deadline;
        assert!(deadline > self.runtime.system_time(), "the deadline is over already");
    }

    fn execute_operation(&mut self, operation: Operation) {
        match operation {
            Operation::Pledge { owner, amount } => self.pledge(owner, amount),
            Operation::Collect => self.collect(),
            Operation::Cancel => self.cancel(),
        }
    }

    fn execute_message(&mut self, Message::Pledge { owner, amount }: Message) {
        let chain = self.runtime.message_origin_chain_id().expect("a message comes from somewhere");
        self.take(Account { chain, holder: Holder::Owner(owner) }, amount);
    }
}

impl CrowdFunding {
    /// Sends tokens to the campaign, and says so.
    fn pledge(&mut self, owner: Owner, amount: Amount) {
        assert!(!amount.is_zero(), "a pledge is of something");
        let (here, home) = (self.runtime.chain_id(), self.runtime.application_creator_chain_id());
        self.transfer(owner, amount, self.purse());
        if here == home {
            self.take(Account { chain: here, holder: Holder::Owner(owner) }, amount);
        } else {
            // If the campaign is over, both messages are rejected together, and the tokens come back.
            self.runtime.send_message(home, Message::Pledge { owner, amount });
        }
    }

    fn take(&mut self, from: Account, amount: Amount) {
        match self.state.status.get() {
            Status::Active => {
                let deadline = self.runtime.application_parameters().deadline;
                assert!(self.runtime.system_time() < deadline, "the campaign took pledges until {deadline}");
                self.state.add(from, amount);
            }
            Status::Complete => panic!("the campaign has been paid out"),
            Status::Cancelled => panic!("the campaign was cancelled"),
        }
    }

    fn collect(&mut self) {
        self.check_is_home_and_active();
        let Parameters { owner, target, .. } = self.runtime.application_parameters();
        let raised = self.state.raised.get();
        assert!(raised >= target, "{raised} of {target} were pledged so far");
        let to = self.at_home(owner);
        self.transfer(self.itself(), raised, to);
        self.state.status.set(Status::Complete);
    }

    fn cancel(&mut self) {
        self.check_is_home_and_active();
        let Parameters { deadline, target, .. } = self.runtime.application_parameters();
        assert!(self.runtime.system_time() >= deadline, "the campaign takes pledges until {deadline}");
        assert!(self.state.raised.get() < target, "there is enough: the pledges can be collected");
        let pledges: Vec<_> = self.state.pledges.iter().collect();
        for ((chain, owner), amount) in pledges {
            self.transfer(self.itself(), amount, Account { chain, holder: Holder::Owner(owner) });
        }
        self.state.status.set(Status::Cancelled);
    }

    fn check_is_home_and_active(&self) {
        assert_eq!(self.runtime.chain_id(), self.home(), "the campaign is run on the chain that created it");
        assert_eq!(self.state.status.get(), Status::Active, "the campaign is over");
    }

    fn transfer(&mut self, owner: Owner, amount: Amount, to: Account) {
        let token = self.runtime.application_parameters().token;
        let transfer = fungible::Operation::Transfer { owner, amount, to };
        self.runtime.call_application::<FungibleAbi>(true, token, &transfer);
    }

    fn home(&self) -> ChainId {
        self.runtime.application_creator_chain_id()
    }

    fn itself(&self) -> Owner {
        Owner::Application(self.runtime.application_id())
    }

    /// The account in which pledges wait.
    fn purse(&self) -> Account {
        self.at_home(self.itself())
    }

    fn at_home(&self, owner: Owner) -> Account {
        Account { chain: self.home(), holder: Holder::Owner(owner) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::{Mock, World},
        types::{ApplicationId, Hash, Timestamp},
    };

    const ANN: Owner = Owner::Ed25519([1; 32]);
    const TOKEN: ApplicationId = ApplicationId(Hash([7; 32]));
    const ELSEWHERE: ChainId = ChainId(Hash([9; 32]));

    /// A campaign that needs ten until the hundredth microsecond.
    fn campaign(mock: &Mock) -> CrowdFunding {
        let target = Amount::from_tokens(10);
        let parameters = Parameters { owner: ANN, token: TOKEN, deadline: Timestamp(100), target };
        mock.with(|world| world.set_parameters(&parameters));
        let mut campaign = CrowdFunding::load(mock.contract_runtime());
        campaign.instantiate(());
        campaign
    }

    fn expect_transfer(world: &mut World, owner: Owner, amount: Amount, to: Account) {
        world.expect_call(TOKEN, true, &fungible::Operation::Transfer { owner, amount, to }, &Amount::ZERO);
    }

    #[test]
    fn a_pledge_elsewhere_sends_tokens_and_a_message() {
        let mock = Mock::new();
        let mut campaign = campaign(&mock);
        let purse = campaign.purse();
        mock.with(|world| {
            world.facts.chain = ELSEWHERE;
            expect_transfer(world, ANN, Amount::ONE, purse);
        });
        campaign.execute_operation(Operation::Pledge { owner: ANN, amount: Amount::ONE });
        assert_eq!(mock.sent(), [(purse.chain, Message::Pledge { owner: ANN, amount: Amount::ONE })]);
    }

    #[test]
    #[should_panic = "took pledges until"]
    fn a_late_pledge_is_rejected() {
        let mock = Mock::new();
        let mut campaign = campaign(&mock);
        mock.with(|world| {
            world.facts.timestamp = Timestamp(100);
            world.set_message(ELSEWHERE, false);
        });
        campaign.execute_message(Message::Pledge { owner: ANN, amount: Amount::ONE });
    }

    #[test]
    #[should_panic = "1 of 10 were pledged"]
    fn too_little_cannot_be_collected() {
        let mock = Mock::new();
        let mut campaign = campaign(&mock);
        mock.with(|world| world.set_message(ELSEWHERE, false));
        campaign.execute_message(Message::Pledge { owner: ANN, amount: Amount::ONE });
        campaign.execute_operation(Operation::Collect);
    }

    #[test]
    fn pledges_go_back_to_where_they_came_from() {
        let mock = Mock::new();
        let mut campaign = campaign(&mock);
        mock.with(|world| world.set_message(ELSEWHERE, false));
        campaign.execute_message(Message::Pledge { owner: ANN, amount: Amount::ONE });
        let itself = campaign.itself();
        mock.with(|world| {
            world.facts.timestamp = Timestamp(100);
            expect_transfer(world, itself, Amount::ONE, Account { chain: ELSEWHERE, holder: Holder::Owner(ANN) });
        });
        campaign.execute_operation(Operation::Cancel);
        assert_eq!(campaign.state.status.get(), Status::Cancelled);
    }
}
