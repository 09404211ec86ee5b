//! What a service can know and ask for.

use crate::{
    ContractAbi, Service, ServiceAbi, Storage,
    host::{ask, decode},
    runtime::{self, describe_application, facts},
};
use myceline_types::{
    Amount, ApplicationDescription, ApplicationId, BlobId, BlockHeight, ChainId, Holder, Owner, Timestamp,
    encoding::{self, Opaque},
    guest::{self, HttpAnswer, HttpRequest},
};
use std::marker::PhantomData;

/// How many accounts are asked for at once.
const PAGE: u32 = 256;

/// The host as a service sees it. A handle without data: copies of it are one and the same.
pub struct ServiceRuntime<S> {
    service: PhantomData<fn() -> S>,
}

impl<S> Clone for ServiceRuntime<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for ServiceRuntime<S> {}

impl<S> ServiceRuntime<S> {
    pub(crate) fn new() -> Self {
        ServiceRuntime { service: PhantomData }
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

    /// The height of the block that comes next.
    pub fn next_block_height(&self) -> BlockHeight {
        facts().height
    }

    /// The time here.
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

    /// What owners have on this chain, in their order.
    pub fn owner_balances(&self) -> Vec<(Owner, Amount)> {
        all_pages(|last| ask::<guest::ListBalances>(&(last.map(|(owner, _)| *owner), PAGE)))
    }

    /// Who has something on this chain.
    pub fn balance_owners(&self) -> Vec<Owner> {
        self.owner_balances().into_iter().map(|(owner, _)| owner).collect()
    }

    /// What an owner lets a spender spend.
    pub fn allowance(&self, owner: Owner, spender: Owner) -> Amount {
        ask::<guest::GetAllowance>(&(owner, spender))
    }

    /// All allowances on this chain: owner, spender, amount.
    pub fn allowances(&self) -> Vec<(Owner, Owner, Amount)> {
        all_pages(|last| ask::<guest::ListAllowances>(&(last.map(|(owner, spender, _)| (*owner, *spender)), PAGE)))
    }

    /// Asks a server that the policy allows.
    pub fn http_request(&self, request: HttpRequest) -> HttpAnswer {
        ask::<guest::AskWeb>(&request)
    }

    /// The content of a blob of data.
    pub fn read_data_blob(&self, blob: BlobId) -> Vec<u8> {
        ask::<guest::ReadBlob>(&blob).0
    }

    /// Fails unless a blob exists.
    pub fn assert_data_blob_exists(&self, blob: BlobId) {
        ask::<guest::AssertBlob>(&blob);
    }

    /// Queries the service of another application on this chain.
    pub fn query_application<A: ServiceAbi>(&self, application: ApplicationId, query: &A::Query) -> A::QueryResponse {
        runtime::query::<A>(application, query)
    }

    /// An operation, in canonical bytes, that a block is to hold once the query is answered.
    pub fn schedule_raw_operation(&self, operation: Vec<u8>) {
        ask::<guest::Schedule>(&Opaque(operation));
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

impl<S: Service> ServiceRuntime<S> {
    /// What was fixed when the application was created.
    pub fn application_parameters(&self) -> S::Parameters {
        decode(&ask::<guest::GetParameters>(&()).0)
    }

    /// An operation that a block is to hold once the query is answered.
    pub fn schedule_operation(&self, operation: &<S::Abi as ContractAbi>::Operation) {
        self.schedule_raw_operation(encoding::to_bytes(operation));
    }
}

/// Everything that comes in pages; each is asked for by the last entry before it.
fn all_pages<T>(page_after: impl Fn(Option<&T>) -> Vec<T>) -> Vec<T> {
    let mut all = Vec::new();
    loop {
        let page = page_after(all.last());
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            return all;
        }
    }
}
