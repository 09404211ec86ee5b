//! Chains that execute blocks and exchange bundles, without validators, rounds or a store.

use crate::puppet::Puppets;
use myceline_execution::{
    Answered, Answers, BlockFacts, Config, Done, Environment, Failure, Oracle, Problem, Run, Stop, System, execute,
    initial_state,
};
use myceline_state::{Absent, MemorySnapshot, Overlay};
use myceline_types::{
    Account, Amount, ApplicationId, Blob, BlobId, Block, BlockHeight, Bundle, BundleAction, ChainConfig,
    ChainDescription, ChainId, Epoch, Hash, Holder, IncomingBundle, Message, NetworkId, Opaque, Operation,
    OracleRecord, Origin, Owner, Ownership, Permissions, Policy, ProposedBlock, StreamId, Timestamp, Transaction,
};
use std::collections::{BTreeMap, VecDeque};

/// Chains, and the bundles that are on their way between them.
pub struct World {
    pub policy: Policy,
    /// What the web answers.
    pub web: Answers,
    /// What blocks that are executed claim that oracles answered.
    pub claimed: Option<Vec<OracleRecord>>,
    chains: BTreeMap<ChainId, Chain>,
    inboxes: BTreeMap<ChainId, BTreeMap<ChainId, VecDeque<Bundle>>>,
    facts: Facts,
    /// What the bills of all blocks add up to.
    pub billed: Amount,
}

/// What all chains know.
#[derive(Default)]
struct Facts {
    blobs: BTreeMap<BlobId, Blob>,
    offered: BTreeMap<BlobId, Blob>,
    events: BTreeMap<(ChainId, StreamId, u32), Opaque>,
}

impl myceline_execution::World for Facts {
    fn certified(&self, blob: BlobId) -> Result<Option<Blob>, Absent> {
        Ok(self.blobs.get(&blob).cloned())
    }

    fn offered(&self, blob: BlobId) -> Option<&Blob> {
        self.offered.get(&blob)
    }

    fn event(&self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Option<Opaque>, Absent> {
        Ok(self.events.get(&(chain, stream.clone(), index)).cloned())
    }
}

struct Chain {
    config: Config,
    state: MemorySnapshot,
    height: BlockHeight,
}

/// Somebody with a key.
pub const fn owner(number: u8) -> Owner {
    Owner::Ed25519([number; 32])
}

/// The account of an owner.
pub fn account(chain: ChainId, number: u8) -> Account {
    Account { chain, holder: Holder::Owner(owner(number)) }
}

pub fn tokens(count: u64) -> Amount {
    Amount::from_tokens(count)
}

impl World {
    /// A world with so many chains; chain `n` belongs to owner `n` and has 100 tokens.
    pub fn new(count: u8) -> (World, Vec<ChainId>) {
        let mut world = World {
            policy: Policy::default(),
            web: Answers::new(),
            claimed: None,
            chains: BTreeMap::new(),
            inboxes: BTreeMap::new(),
            facts: Facts::default(),
            billed: Amount::ZERO,
        };
        let network = NetworkId(Hash([9; 32]));
        let describe = |number: u8| ChainDescription {
            origin: Origin::Root { network, index: number.into() },
            epoch: Epoch(0),
            timestamp: Timestamp(0),
            config: ChainConfig {
                ownership: Ownership::single_fast(owner(number)),
                permissions: Permissions::default(),
                balance: tokens(100),
            },
        };
        let ids = (0..count).map(|number| world.add(&describe(number))).collect();
        (world, ids)
    }

    fn add(&mut self, description: &ChainDescription) -> ChainId {
        let id = description.id();
        let mut state = MemorySnapshot::new();
        let (config, changes) = initial_state(description, MemorySnapshot::new());
        state.apply(changes);
        self.chains.insert(id, Chain { config, state, height: BlockHeight(0) });
        id
    }

    /// Brings blobs along with the next blocks.
    pub fn offer(&mut self, blobs: impl IntoIterator<Item = Blob>) {
        self.facts.offered.extend(blobs.into_iter().map(|blob| (blob.id(), blob)));
    }

    /// Makes a block by this author. If it fails, nothing has happened.
    pub fn block(&mut self, chain: ChainId, author: u8, transactions: Vec<Transaction>) -> Result<Block, Problem> {
        match self.try_block(chain, author, transactions) {
            Ok(block) => Ok(block),
            Err(Stop::Invalid(problem)) => Err(problem),
            Err(stop) => panic!("a state in memory lacks nothing, but {stop:?}"),
        }
    }

    /// The same, where something may be lacking.
    pub fn try_block(&mut self, chain: ChainId, author: u8, transactions: Vec<Transaction>) -> Result<Block, Stop> {
        let at = &self.chains[&chain];
        let proposed = ProposedBlock {
            chain,
            epoch: Epoch(0),
            height: at.height,
            timestamp: Timestamp(1),
            previous: None,
            author: Some(owner(author)),
            transactions,
        };
        let oracle = Oracle::Own { now: Timestamp(1), web: &self.web, claimed: self.claimed.as_deref() };
        let environment =
            Environment { policy: &self.policy, world: &self.facts, engine: &Puppets, oracle, patience: u64::MAX };
        match execute(environment, &proposed, at.config.clone(), Overlay::new(&at.state, [])) {
            Ok(done) => Ok(self.commit(proposed, done)),
            Err(Failure { stop, .. }) => Err(*stop),
        }
    }

    /// Does one thing in a block of its own.
    pub fn operate(&mut self, chain: ChainId, author: u8, operation: Operation) -> Result<Block, Problem> {
        self.block(chain, author, vec![Transaction::Execute(operation)])
    }

    fn commit(&mut self, proposed: ProposedBlock, done: Done) -> Block {
        let Done { outcome, changes, opened, created, config, cost, .. } = done;
        self.billed = Amount::checked_sum([self.billed, cost.bill.total().expect("in a test")]).expect("in a test");
        for id in &outcome.blobs {
            self.facts.blobs.extend(self.facts.offered.get(id).map(|blob| (*id, blob.clone())));
        }
        self.facts.blobs.extend(created.into_iter().map(|blob| (blob.id(), blob)));
        for event in &outcome.events {
            let key = (proposed.chain, event.stream.clone(), event.index);
            self.facts.events.insert(key, event.value.clone());
        }
        let block = Block { proposed, outcome };
        let chain = self.chains.get_mut(&block.proposed.chain).expect("blocks are made of chains that exist");
        chain.state.apply(changes);
        chain.config = config;
        chain.height = chain.height.next().expect("tests are short");
        for transaction in &block.proposed.transactions {
            if let Transaction::Receive(incoming) = transaction {
                self.waiting(block.proposed.chain, incoming.origin).pop_front();
            }
        }
        for (recipient, bundle) in block.bundles() {
            self.waiting(recipient, block.proposed.chain).push_back(bundle);
        }
        for description in &opened {
            self.add(description);
        }
        block
    }

    fn waiting(&mut self, recipient: ChainId, origin: ChainId) -> &mut VecDeque<Bundle> {
        self.inboxes.entry(recipient).or_default().entry(origin).or_default()
    }

    /// Asks the service of an application.
    pub fn query(&self, chain: ChainId, id: ApplicationId, query: Vec<u8>) -> Result<Answered, Stop> {
        let at = &self.chains[&chain];
        let block = BlockFacts { chain, epoch: Epoch(0), height: at.height, timestamp: Timestamp(1), author: None };
        let oracle = Oracle::Own { now: Timestamp(1), web: &self.web, claimed: None };
        let environment =
            Environment { policy: &self.policy, world: &self.facts, engine: &Puppets, oracle, patience: u64::MAX };
        Run::begin(environment, block, at.config.clone(), Overlay::new(&at.state, [])).query(id, query)
    }

    /// The next bundle that waits, from the first origin that has one.
    pub fn next_bundle(&self, chain: ChainId, action: BundleAction) -> Option<Transaction> {
        let (origin, bundle) =
            self.inboxes.get(&chain)?.iter().find_map(|(origin, queue)| Some((*origin, queue.front()?)))?;
        Some(Transaction::Receive(IncomingBundle { origin, bundle: bundle.clone(), action }))
    }

    /// Whether an owner owns a chain.
    pub fn owns(&self, chain: ChainId, number: u8) -> bool {
        self.chains[&chain].config.ownership.is_owner(&owner(number))
    }

    /// What is in an account.
    pub fn balance(&self, account: Account) -> Amount {
        System(&self.chains[&account.chain].state).balance(&account.holder).expect("a state in memory lacks nothing")
    }

    /// What a chain's own balance is.
    pub fn of(&self, chain: ChainId) -> Amount {
        self.balance(Account::of_chain(chain))
    }

    /// The chains that there are.
    pub fn chains(&self) -> Vec<ChainId> {
        self.chains.keys().copied().collect()
    }

    /// All value: in accounts, on its way, and paid as fees.
    pub fn supply(&self) -> Amount {
        let held = self.chains.values().flat_map(|chain| {
            let system = System(&chain.state);
            let owners = system.balances(None, usize::MAX).expect("in memory").into_iter().map(|(_, amount)| amount);
            owners.chain([system.balance(&Holder::Chain).expect("in memory"), system.fees().expect("in memory")])
        });
        let bundles = self.inboxes.values().flat_map(BTreeMap::values).flatten();
        let travelling = bundles.flat_map(|bundle| &bundle.messages).map(Message::value);
        Amount::checked_sum(held.chain(travelling)).expect("the supply can be counted")
    }
}
