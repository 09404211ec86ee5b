//! What a mock knows, and what it saw.

use myceline_state::MemorySnapshot;
use myceline_types::{
    Account, Amount, ApplicationDescription, ApplicationId, BlobId, BlockHeight, ChainConfig, ChainId, Hash, Holder,
    ModuleId, Owner, Ownership, Permissions, StreamId, Timestamp,
    encoding::{self, Opaque},
    guest::{CallFacts, ClaimRequest, Facts, HttpAnswer, HttpRequest, LogLine, MessageFacts, OutgoingMessage},
};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Everything that a mock knows and saw. Tests set and read its fields.
#[derive(Debug)]
pub struct World {
    /// The application, its chain, the block.
    pub facts: Facts,
    /// On whose behalf the contract is called, and for which message.
    pub call: CallFacts,
    /// The canonical bytes of the parameters; see [`World::set_parameters`].
    pub parameters: Vec<u8>,
    /// The fuel that is left.
    pub fuel: u64,
    /// What accounts on this chain have.
    pub balances: BTreeMap<Holder, Amount>,
    /// What owners let spenders spend.
    pub allowances: BTreeMap<(Owner, Owner), Amount>,
    /// Who proposes blocks of this chain.
    pub ownership: Ownership,
    /// What applications may do on this chain.
    pub permissions: Permissions,
    /// What applications were created from.
    pub applications: BTreeMap<ApplicationId, ApplicationDescription>,
    /// Blobs that exist.
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
    /// Events of other chains and of other applications.
    pub foreign_events: BTreeMap<(ChainId, StreamId, u32), Vec<u8>>,

    /// The entries of the application.
    pub entries: MemorySnapshot,
    /// Messages that were sent.
    pub messages: Vec<OutgoingMessage>,
    /// Events that were emitted, by the names of their streams.
    pub events: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Streams that are followed, with the next index.
    pub subscriptions: BTreeMap<(ChainId, StreamId), u32>,
    /// Transfers to other chains and on this one.
    pub transfers: Vec<(Holder, Account, Amount)>,
    /// Claims from other chains.
    pub claims: Vec<ClaimRequest>,
    /// Operations that a service scheduled, in canonical bytes.
    pub scheduled: Vec<Vec<u8>>,
    /// Lines of the log.
    pub log: Vec<LogLine>,
    /// Whether the chain was closed.
    pub is_closed: bool,

    /// Calls of other applications that are expected, with their responses.
    pub(super) calls: VecDeque<(Call, Vec<u8>)>,
    pub(super) queries: VecDeque<(Query, Vec<u8>)>,
    pub(super) requests: VecDeque<(HttpRequest, HttpAnswer)>,
    pub(super) new_chains: VecDeque<(ChainConfig, ChainId)>,
    pub(super) new_modules: VecDeque<((Opaque, Opaque), ModuleId)>,
    pub(super) new_applications: VecDeque<(NewApplication, ApplicationId)>,
}

/// A call of another application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The application.
    pub application: ApplicationId,
    /// Whether it learns who calls.
    pub is_authenticated: bool,
    /// The operation in canonical bytes.
    pub operation: Vec<u8>,
}

/// A query of the service of an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// The application.
    pub application: ApplicationId,
    /// The query in JSON.
    pub query: Vec<u8>,
}

/// An application that is created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewApplication {
    /// Its code.
    pub module: ModuleId,
    /// The canonical bytes of its parameters.
    pub parameters: Vec<u8>,
    /// The canonical bytes of what it starts from.
    pub argument: Vec<u8>,
}

impl Default for World {
    fn default() -> World {
        let chain = ChainId(Hash([1; 32]));
        World {
            facts: Facts {
                application: ApplicationId(Hash([2; 32])),
                creator: chain,
                chain,
                height: BlockHeight::ZERO,
                timestamp: Timestamp::ZERO,
            },
            call: CallFacts { signer: None, caller: None, message: None },
            parameters: Vec::new(),
            fuel: u64::MAX,
            balances: BTreeMap::new(),
            allowances: BTreeMap::new(),
            ownership: Ownership::public(),
            permissions: Permissions::default(),
            applications: BTreeMap::new(),
            blobs: BTreeMap::new(),
            foreign_events: BTreeMap::new(),
            entries: MemorySnapshot::new(),
            messages: Vec::new(),
            events: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            transfers: Vec::new(),
            claims: Vec::new(),
            scheduled: Vec::new(),
            log: Vec::new(),
            is_closed: false,
            calls: VecDeque::new(),
            queries: VecDeque::new(),
            requests: VecDeque::new(),
            new_chains: VecDeque::new(),
            new_modules: VecDeque::new(),
            new_applications: VecDeque::new(),
        }
    }
}

impl World {
    /// What the application was created with.
    pub fn set_parameters(&mut self, parameters: &impl Serialize) {
        self.parameters = encoding::to_bytes(parameters);
    }

    /// The next call is on this owner's authority.
    pub fn set_signer(&mut self, signer: Owner) {
        self.call.signer = Some(signer);
    }

    /// The next call is for a message from another chain.
    pub fn set_message(&mut self, origin: ChainId, is_bouncing: bool) {
        self.call.message = Some(MessageFacts { origin, timestamp: self.facts.timestamp, is_bouncing });
    }

    /// The contract calls another application, which answers so.
    pub fn expect_call(
        &mut self,
        application: ApplicationId,
        is_authenticated: bool,
        operation: &impl Serialize,
        response: &impl Serialize,
    ) {
        let operation = encoding::to_bytes(operation);
        self.calls.push_back((Call { application, is_authenticated, operation }, encoding::to_bytes(response)));
    }

    /// The service of an application is queried and answers so, both in JSON.
    pub fn expect_query(&mut self, application: ApplicationId, query: &impl Serialize, answer: &impl Serialize) {
        let query = serde_json::to_vec(query).expect("a query has a form in JSON");
        let answer = serde_json::to_vec(answer).expect("an answer has a form in JSON");
        self.queries.push_back((Query { application, query }, answer));
    }

    /// A server is asked and answers so.
    pub fn expect_http_request(&mut self, request: HttpRequest, answer: HttpAnswer) {
        self.requests.push_back((request, answer));
    }

    /// A chain is opened and gets this id.
    pub fn expect_open_chain(&mut self, config: ChainConfig, id: ChainId) {
        self.new_chains.push_back((config, id));
    }

    /// A module is published and gets this id.
    pub fn expect_publish_module(&mut self, contract: Vec<u8>, service: Vec<u8>, id: ModuleId) {
        self.new_modules.push_back(((Opaque(contract), Opaque(service)), id));
    }

    /// An application is created and gets this id.
    pub fn expect_create_application(
        &mut self,
        module: ModuleId,
        parameters: &impl Serialize,
        argument: &impl Serialize,
        id: ApplicationId,
    ) {
        let (parameters, argument) = (encoding::to_bytes(parameters), encoding::to_bytes(argument));
        self.new_applications.push_back((NewApplication { module, parameters, argument }, id));
    }

    /// What was expected and has not happened.
    pub(super) fn unmet(&self) -> Vec<&'static str> {
        let waiting = [
            ("a call of another application", self.calls.len()),
            ("a query of a service", self.queries.len()),
            ("an HTTP request", self.requests.len()),
            ("a new chain", self.new_chains.len()),
            ("a new module", self.new_modules.len()),
            ("a new application", self.new_applications.len()),
        ];
        waiting.into_iter().filter(|(_, count)| *count > 0).map(|(name, _)| name).collect()
    }
}
