//! A chain in somebody's hands: what an owner does with it.

use crate::{
    Application, Failure, Module, Network,
    application::sound,
    fees::Entry,
    network::{self, Wallet},
};
use myceline_client::{FinalBlock, RequestId};
use myceline_sdk::ContractAbi;
use myceline_types::{
    Account, Amount, ApplicationId, Blob, BlobId, Block, BundleAction, ChainConfig, ChainId, Holder, ModuleId, Opaque,
    Operation, Owner, Ownership, Permissions, Timestamp, Transaction, encoding, guest::StreamUpdate,
};
use serde::{Serialize, de::DeserializeOwned};
use std::panic::Location;

/// The most streams of one chain that are looked at.
const STREAMS_MAX: usize = 1_000;

/// A chain, and the person who acts on it here.
#[derive(Clone)]
pub struct Chain {
    pub(crate) network: Network,
    pub(crate) person: u32,
    id: ChainId,
    /// Others may have made blocks of it.
    is_shared: bool,
}

/// What came out of an inbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Received {
    /// Bundles whose messages were executed.
    pub accepted: usize,
    /// Bundles that went back.
    pub rejected: usize,
}

impl Chain {
    pub(crate) fn new(network: Network, person: u32, id: ChainId) -> Chain {
        Chain { network, person, id, is_shared: false }
    }

    /// The chain.
    pub fn id(&self) -> ChainId {
        self.id
    }

    /// The person who acts here, and owns the chain if it is theirs.
    pub fn owner(&self) -> Owner {
        network::owner(self.person)
    }

    /// The chain's own account.
    pub fn account(&self) -> Account {
        Account::of_chain(self.id)
    }

    /// An account on this chain.
    pub fn account_of(&self, owner: Owner) -> Account {
        Account { chain: self.id, holder: Holder::Owner(owner) }
    }

    /// The same person on another chain, of which others may make blocks too.
    pub fn at(&self, chain: ChainId) -> Chain {
        Chain { network: self.network.clone(), person: self.person, id: chain, is_shared: true }
    }

    /// What an account of the chain has, as of its last block.
    pub fn balance(&self, holder: Holder) -> Amount {
        let id = self.id;
        self.acts(async |wallet| wallet.balance(id, holder).await.expect("the chain is known here"))
    }

    /// Who may propose on the chain, as of its last block.
    pub fn ownership(&self) -> Ownership {
        let id = self.id;
        self.acts(async |wallet| wallet.ownership(id).await.expect("the chain is known here"))
    }

    /// Whether the chain was closed.
    pub fn is_closed(&self) -> bool {
        let id = self.id;
        self.acts(async |wallet| wallet.look(id, |work| Ok(work.config().closed)).await.expect("the chain is known"))
    }
}

/// Applications.
impl Chain {
    /// Publishes a module.
    #[track_caller]
    pub fn publish(&self, module: &Module) -> ModuleId {
        sound(self.try_publish(module))
    }

    /// Publishes a module, or says what is wrong with it.
    #[track_caller]
    pub fn try_publish(&self, module: &Module) -> Result<ModuleId, Failure> {
        let (contract, service) = module.blobs();
        let id = ModuleId { contract: contract.id().hash, service: service.id().hash };
        self.try_make("publish", vec![Operation::PublishModule(id)], vec![contract, service])?;
        Ok(id)
    }

    /// Publishes data.
    #[track_caller]
    pub fn publish_data(&self, bytes: Vec<u8>) -> BlobId {
        let blob = Blob::data(bytes);
        let id = blob.id();
        sound(self.try_make("data", vec![Operation::PublishBlob(id)], vec![blob]));
        id
    }

    /// Creates an application on this chain.
    #[track_caller]
    pub fn create<A>(
        &self,
        module: ModuleId,
        parameters: &impl Serialize,
        argument: &impl Serialize,
    ) -> Application<A> {
        sound(self.try_create(module, parameters, argument))
    }

    /// Creates an application on this chain, if it lets itself be created.
    #[track_caller]
    pub fn try_create<A>(
        &self,
        module: ModuleId,
        parameters: &impl Serialize,
        argument: &impl Serialize,
    ) -> Result<Application<A>, Failure> {
        let (parameters, argument) = (opaque(parameters), opaque(argument));
        let block =
            self.try_make("create", vec![Operation::CreateApplication { module, parameters, argument }], Vec::new())?;
        let id: ApplicationId = last_result(&block);
        Ok(Application::new(id))
    }

    /// Has an application do something on this chain. Gives what it answers.
    #[track_caller]
    pub fn call<A: ContractAbi>(&self, application: Application<A>, operation: &A::Operation) -> A::Response {
        sound(self.try_call(application, operation))
    }

    /// Has an application do something, if it can be done.
    #[track_caller]
    pub fn try_call<A: ContractAbi>(
        &self,
        application: Application<A>,
        operation: &A::Operation,
    ) -> Result<A::Response, Failure> {
        let operation = Operation::Application { id: application.id(), bytes: opaque(operation) };
        Ok(last_result(&self.try_make("call", vec![operation], Vec::new())?))
    }

    /// Has an application refuse something. Gives why.
    #[track_caller]
    pub fn fails<A: ContractAbi>(&self, application: Application<A>, operation: &A::Operation) -> Failure {
        match self.try_call(application, operation) {
            Ok(_) => panic!("the application does what it should refuse"),
            Err(why) => why,
        }
    }
}

/// What arrives.
impl Chain {
    /// Takes in all messages that wait: accepted where that works, rejected where not.
    #[track_caller]
    pub fn receive(&self) -> Received {
        let (id, place) = (self.id, Location::caller());
        let began = self.network.now();
        let blocks = self.acts(async |wallet| {
            self.come_up_to_date(&wallet).await?;
            let blocks = wallet.receive(id).await.map_err(Failure::of)?;
            wallet.deliver(id).await.map_err(Failure::of)?;
            Ok(blocks)
        });
        self.network.keep(id);
        let mut received = Received::default();
        for block in sound(blocks) {
            self.account_for("receive", place, &block, began);
            received.count(block.block());
        }
        received
    }

    /// Lets applications look at what happened on the streams that they follow. Gives how many events that were.
    #[track_caller]
    pub fn process_events(&self) -> usize {
        let updates = self.pending_updates();
        let events = updates.iter().map(|(_, update)| (update.next - update.first) as usize).sum();
        if !updates.is_empty() {
            let operations = updates.into_iter();
            let operations =
                operations.map(|(application, update)| Operation::UpdateStream { application, update }).collect();
            sound(self.try_make("events", operations, Vec::new()));
        }
        events
    }

    fn pending_updates(&self) -> Vec<(ApplicationId, StreamUpdate)> {
        let id = self.id;
        let subscriptions = self.acts(async |wallet| {
            let found = wallet.look(id, |work| Ok(work.subscriptions(STREAMS_MAX)?)).await;
            found.expect("the chain is known here")
        });
        let mut updates = Vec::new();
        for subscription in subscriptions {
            let (chain, stream, first) = (subscription.chain, subscription.stream, subscription.next);
            let count = self.emitted(chain, &stream);
            if count > first {
                updates.push((subscription.application, StreamUpdate { chain, stream, first, next: count }));
            }
        }
        updates
    }

    fn emitted(&self, chain: ChainId, stream: &myceline_types::StreamId) -> u32 {
        let stream = stream.clone();
        self.acts(async |wallet| {
            let found = wallet.look(chain, move |work| Ok(work.emitted(&stream)?)).await;
            found.expect("all chains are known here")
        })
    }
}

/// The native token, and chains.
impl Chain {
    /// Moves value of the chain, or of the person, to an account anywhere.
    #[track_caller]
    pub fn transfer(&self, from: Holder, to: Account, amount: Amount) {
        self.make(vec![Operation::Transfer { from, to, amount }]);
    }

    /// Opens a chain, and gives it as this person's to act on.
    #[track_caller]
    pub fn open(&self, ownership: Ownership, permissions: Permissions, balance: Amount) -> Chain {
        let config = ChainConfig { ownership, permissions, balance };
        let block = self.make(vec![Operation::OpenChain(Box::new(config))]);
        self.at(last_result(&block))
    }

    /// Closes the chain.
    #[track_caller]
    pub fn close(&self) {
        self.make(vec![Operation::CloseChain]);
    }

    /// Makes a block of whatever operations. Gives the block.
    #[track_caller]
    pub fn make(&self, operations: Vec<Operation>) -> Block {
        sound(self.try_make("block", operations, Vec::new()))
    }

    /// Makes a block of whatever operations with the blobs that it publishes, if that can be done.
    #[track_caller]
    pub fn try_make(&self, what: &'static str, operations: Vec<Operation>, blobs: Vec<Blob>) -> Result<Block, Failure> {
        let (id, place) = (self.id, Location::caller());
        let transactions = operations.into_iter().map(Transaction::Execute).collect();
        let request = RequestId(u128::from(self.network.next_request()).to_be_bytes());
        let began = self.network.now();
        let block = self.acts(async |wallet| {
            self.come_up_to_date(&wallet).await?;
            let submission = wallet.submit(id, request, transactions, blobs).await.map_err(Failure::of)?;
            let block = submission.finality().await.map_err(Failure::of)?;
            wallet.deliver(id).await.map_err(Failure::of)?;
            Ok::<_, Failure>(block)
        })?;
        self.network.keep(id);
        self.account_for(what, place, &block, began);
        Ok(block.block().clone())
    }

    pub(crate) fn acts<T, F: Future<Output = T>>(&self, act: impl FnOnce(Wallet) -> F) -> T {
        self.network.as_person(self.person, act)
    }

    async fn come_up_to_date(&self, wallet: &Wallet) -> Result<(), Failure> {
        if self.is_shared {
            wallet.sync(self.id).await.map_err(Failure::of)?;
        }
        Ok(())
    }

    fn account_for(&self, what: &'static str, place: &'static Location<'static>, block: &FinalBlock, began: Timestamp) {
        if let Some(cost) = block.cost() {
            let took = self.network.now().since(began);
            self.network.inner.fees.borrow_mut().entries.push(Entry { what, place, cost, took });
        }
    }
}

impl Received {
    fn count(&mut self, block: &Block) {
        for transaction in &block.proposed.transactions {
            match transaction {
                Transaction::Receive(incoming) if incoming.action == BundleAction::Accept => self.accepted += 1,
                Transaction::Receive(_) => self.rejected += 1,
                Transaction::Execute(_) | Transaction::Skip { .. } => (),
            }
        }
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chain({})", network::short(self.id))
    }
}

pub(crate) fn opaque(value: &impl Serialize) -> Opaque {
    Opaque(encoding::to_bytes(value))
}

/// What the last transaction of a block returned. Nothing is kept of what has no bytes.
fn last_result<T: DeserializeOwned>(block: &Block) -> T {
    let last = block.proposed.transactions.len() - 1;
    let result = block.outcome.results.iter().find(|result| result.transaction as usize == last);
    let bytes = result.map_or(&[][..], |result| &result.bytes.0);
    encoding::from_bytes(bytes).expect("the response has the type that the interface says")
}
