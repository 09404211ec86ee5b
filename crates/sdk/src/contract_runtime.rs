//! What a contract can know and do.

use crate::{
    Contract, ContractAbi, ServiceAbi, Storage,
    host::{ask, decode},
    runtime::{call_facts, describe_application, facts},
};
use myceline_types::{
    Account, Amount, ApplicationDescription, ApplicationId, BlobId, BlockHeight, ChainConfig, ChainId, Holder,
    ModuleId, Owner, Ownership, Permissions, StreamId, Timestamp,
    encoding::{self, Opaque},
    guest::{self, ClaimRequest, HttpAnswer, HttpRequest, KeyRange, MessageFacts, OutgoingMessage},
};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// The host as a contract sees it. A handle without data: copies of it are one and the same.
pub struct ContractRuntime<C> {
    contract: PhantomData<fn() -> C>,
}

impl<C> Clone for ContractRuntime<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for ContractRuntime<C> {}

/// Nobody has allowed this caller to act for that owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody who is authenticated here may act for {0}")]
pub struct AccountPermissionError(pub Owner);

impl<C> ContractRuntime<C> {
    pub(crate) fn new() -> Self {
        ContractRuntime { contract: PhantomData }
    }

    /// The application.
    pub fn application_id(&self) -> ApplicationId {
        facts().application
    }

    /// The chain on which the application was created.
    pub fn application_creator_chain_id(&self) -> ChainId {
        facts().creator
    }

    /// What an application was created from.
    pub fn read_application_description(&self, application: ApplicationId) -> ApplicationDescription {
        describe_application(application)
    }

    /// The chain on which this runs.
    pub fn chain_id(&self) -> ChainId {
        facts().chain
    }

    /// The height of the block that is being executed.
    pub fn block_height(&self) -> BlockHeight {
        facts().height
    }

    /// The time of that block.
    pub fn system_time(&self) -> Timestamp {
        facts().timestamp
    }

    /// What the chain itself has.
    pub fn chain_balance(&self) -> Amount {
        ask::<guest::GetBalance>(&Holder::Chain)
    }

    /// What an owner has on this chain.
    pub fn owner_balance(&self, owner: Owner) -> Amount {
        ask::<guest::GetBalance>(&Holder::Owner(owner))
    }

    /// What an owner lets a spender spend.
    pub fn allowance(&self, owner: Owner, spender: Owner) -> Amount {
        ask::<guest::GetAllowance>(&(owner, spender))
    }

    /// Who proposes blocks of this chain.
    pub fn chain_ownership(&self) -> Ownership {
        ask::<guest::GetOwnership>(&())
    }

    /// What applications may do on this chain.
    pub fn application_permissions(&self) -> Permissions {
        ask::<guest::GetPermissions>(&())
    }

    /// The fuel that is left to the transaction.
    pub fn remaining_fuel(&self) -> u64 {
        ask::<guest::RemainingFuel>(&())
    }

    /// Whether the application has stored nothing on this chain.
    pub fn has_empty_storage(&self) -> bool {
        let first = KeyRange { prefix: Opaque::default(), start: Opaque::default(), limit: 1 };
        ask::<guest::Scan>(&first).is_empty()
    }

    /// The application's entries on this chain, raw.
    pub fn key_value_store(&self) -> Storage {
        Storage::new()
    }

    /// What [`State::load`](crate::State::load) loads from: the same entries.
    pub fn root_view_storage_context(&self) -> Storage {
        Storage::new()
    }
}

/// On whose behalf, and what for.
impl<C> ContractRuntime<C> {
    /// Who signed the block or, where they let it act for them, the message.
    pub fn authenticated_owner(&self) -> Option<Owner> {
        call_facts().signer
    }

    /// The application that calls, where it says who it is.
    pub fn authenticated_caller_id(&self) -> Option<ApplicationId> {
        call_facts().caller
    }

    /// Whether this call may act for an owner: the signer, or the application that calls.
    pub fn check_account_permission(&self, owner: Owner) -> Result<(), AccountPermissionError> {
        let call = call_facts();
        let is_caller = call.caller.is_some_and(|caller| owner == Owner::Application(caller));
        if is_caller || call.signer == Some(owner) { Ok(()) } else { Err(AccountPermissionError(owner)) }
    }

    /// Whether the message was sent from here and came back, because its recipient rejected it. `None` where no message is
    /// being executed.
    pub fn message_is_bouncing(&self) -> Option<bool> {
        message().map(|message| message.is_bouncing)
    }

    /// The chain that sent the message that is being executed.
    pub fn message_origin_chain_id(&self) -> Option<ChainId> {
        message().map(|message| message.origin)
    }

    /// The time of the block that sent that message.
    pub fn message_origin_timestamp(&self) -> Option<Timestamp> {
        message().map(|message| message.timestamp)
    }
}

/// Money.
impl<C> ContractRuntime<C> {
    /// Moves value from an account on this chain that this call may act for.
    pub fn transfer(&mut self, source: Holder, destination: Account, amount: Amount) {
        ask::<guest::Transfer>(&(source, destination, amount));
    }

    /// Asks another chain to pay out of an account there that this call may act for.
    pub fn claim(&mut self, chain: ChainId, owner: Owner, destination: Account, amount: Amount) {
        ask::<guest::Claim>(&ClaimRequest { chain, owner, to: destination, amount });
    }

    /// Lets somebody spend from an account that this call may act for.
    pub fn approve(&mut self, owner: Owner, spender: Owner, amount: Amount) {
        ask::<guest::Approve>(&(owner, spender, amount));
    }

    /// Moves value that an owner lets a spender spend, if this call may act for the spender.
    pub fn transfer_from(&mut self, owner: Owner, spender: Owner, destination: Account, amount: Amount) {
        ask::<guest::TransferFrom>(&(owner, spender, destination, amount));
    }
}

/// Other applications, and events.
impl<C> ContractRuntime<C> {
    /// Calls another application on this chain. If `authenticated`, it learns who calls, and the signer's authority is passed
    /// on.
    pub fn call_application<A: ContractAbi>(
        &mut self,
        authenticated: bool,
        application: ApplicationId,
        operation: &A::Operation,
    ) -> A::Response {
        let operation = Opaque(encoding::to_bytes(operation));
        decode(&ask::<guest::Call>(&(application, authenticated, operation)).0)
    }

    /// An event of a stream of another application, in that application's type of events.
    pub fn read_event_of<E: DeserializeOwned>(&mut self, chain: ChainId, stream: StreamId, index: u32) -> E {
        decode(&ask::<guest::ReadEvent>(&(chain, stream, index)).0)
    }

    /// Follows a stream of another chain from its first event on.
    pub fn subscribe_to_events(&mut self, chain: ChainId, application: ApplicationId, stream_name: &[u8]) {
        self.subscribe_to_events_from(chain, application, stream_name, 0);
    }

    /// Follows a stream of another chain from an index on.
    pub fn subscribe_to_events_from(
        &mut self,
        chain: ChainId,
        application: ApplicationId,
        stream_name: &[u8],
        index: u32,
    ) {
        ask::<guest::Subscribe>(&(chain, stream(application, stream_name), index));
    }

    /// No longer follows a stream.
    pub fn unsubscribe_from_events(&mut self, chain: ChainId, application: ApplicationId, stream_name: &[u8]) {
        ask::<guest::Unsubscribe>(&(chain, stream(application, stream_name)));
    }
}

/// Chains and code.
impl<C> ContractRuntime<C> {
    /// Opens a chain; its balance is taken from the application's own account.
    pub fn open_chain(&mut self, ownership: Ownership, permissions: Permissions, balance: Amount) -> ChainId {
        ask::<guest::OpenChain>(&ChainConfig { ownership, permissions, balance })
    }

    /// Closes this chain. The application needs the permission to manage it, as for the next two.
    pub fn close_chain(&mut self) {
        ask::<guest::CloseChain>(&());
    }

    /// Replaces the ownership of this chain from the next block on.
    pub fn change_ownership(&mut self, ownership: Ownership) {
        ask::<guest::ChangeOwnership>(&ownership);
    }

    /// Replaces what applications may do on this chain from the next transaction on.
    pub fn change_application_permissions(&mut self, permissions: Permissions) {
        ask::<guest::ChangePermissions>(&permissions);
    }

    /// Publishes a module: the code of a contract and of a service.
    pub fn publish_module(&mut self, contract: Vec<u8>, service: Vec<u8>) -> ModuleId {
        ask::<guest::PublishModule>(&(Opaque(contract), Opaque(service)))
    }

    /// Creates an application from a module.
    pub fn create_application(
        &mut self,
        module: ModuleId,
        parameters: &impl Serialize,
        argument: &impl Serialize,
    ) -> ApplicationId {
        let (parameters, argument) = (encoding::to_bytes(parameters), encoding::to_bytes(argument));
        ask::<guest::CreateApplication>(&(module, Opaque(parameters), Opaque(argument)))
    }

    /// Publishes a blob of data.
    pub fn create_data_blob(&mut self, bytes: Vec<u8>) -> BlobId {
        ask::<guest::PublishBlob>(&Opaque(bytes))
    }
}

/// Oracles: every validator asks for itself, and what they saw is recorded in the block.
impl<C> ContractRuntime<C> {
    /// Asks a server that the policy allows. Say in the request what of the answer matters, or validators will differ.
    pub fn http_request(&mut self, request: HttpRequest) -> HttpAnswer {
        ask::<guest::AskWeb>(&request)
    }

    /// Queries the service of an application on this chain. This brings JSON into the contract.
    pub fn query_service<A: ServiceAbi>(&mut self, application: ApplicationId, query: &A::Query) -> A::QueryResponse {
        crate::runtime::query::<A>(application, query)
    }

    /// Fails unless it is earlier, by every validator's own clock.
    pub fn assert_before(&mut self, timestamp: Timestamp) {
        ask::<guest::AssertBefore>(&timestamp);
    }

    /// The content of a blob of data.
    pub fn read_data_blob(&mut self, blob: BlobId) -> Vec<u8> {
        ask::<guest::ReadBlob>(&blob).0
    }

    /// Fails unless a blob exists.
    pub fn assert_data_blob_exists(&mut self, blob: BlobId) {
        ask::<guest::AssertBlob>(&blob);
    }
}

/// What has the types of the contract.
impl<C: Contract> ContractRuntime<C> {
    /// What was fixed when the application was created.
    pub fn application_parameters(&self) -> C::Parameters {
        decode(&ask::<guest::GetParameters>(&()).0)
    }

    /// Sends a message to this application on another chain: neither tracked nor authenticated, without a grant.
    pub fn send_message(&mut self, recipient: ChainId, message: C::Message) {
        self.prepare_message(message).send_to(recipient);
    }

    /// A message that is still to be addressed.
    pub fn prepare_message(&mut self, message: C::Message) -> MessageBuilder {
        MessageBuilder {
            bytes: encoding::to_bytes(&message),
            is_authenticated: false,
            is_tracked: false,
            grant: Amount::ZERO,
        }
    }

    /// Emits an event on one of the application's streams here; its index in the stream.
    pub fn emit(&mut self, stream_name: &[u8], value: &C::EventValue) -> u32 {
        ask::<guest::Emit>(&(Opaque(stream_name.to_vec()), Opaque(encoding::to_bytes(value))))
    }

    /// An event of a stream of this application on any chain. One that does not exist yet makes the block wait for it.
    pub fn read_event(&mut self, chain: ChainId, stream_name: &[u8], index: u32) -> C::EventValue {
        self.read_event_of(chain, stream(self.application_id(), stream_name), index)
    }
}

/// A message that is still to be addressed.
#[derive(Debug)]
#[must_use = "a message is sent by `send_to`"]
pub struct MessageBuilder {
    bytes: Vec<u8>,
    is_authenticated: bool,
    is_tracked: bool,
    grant: Amount,
}

impl MessageBuilder {
    /// It comes back if the recipient rejects it.
    pub fn with_tracking(mut self) -> Self {
        self.is_tracked = true;
        self
    }

    /// The signer's authority goes with it.
    pub fn with_authentication(mut self) -> Self {
        self.is_authenticated = true;
        self
    }

    /// This chain pays so much for its execution there; what is left comes back.
    pub fn with_grant(mut self, grant: Amount) -> Self {
        self.grant = grant;
        self
    }

    /// Sends it.
    pub fn send_to(self, recipient: ChainId) {
        let MessageBuilder { bytes, is_authenticated, is_tracked, grant } = self;
        ask::<guest::Send>(&OutgoingMessage { recipient, bytes: Opaque(bytes), is_authenticated, is_tracked, grant });
    }
}

fn message() -> Option<MessageFacts> {
    call_facts().message
}

fn stream(application: ApplicationId, name: &[u8]) -> StreamId {
    StreamId { application, name: Opaque(name.to_vec()) }
}
