//! Chains that execute blocks and exchange bundles, without validators, rounds or a store.

use myceline_execution::{
    Config, Done, Environment, Failure, NativeOnly, Problem, Stop, System, execute, initial_state,
};
use myceline_state::{MemorySnapshot, Overlay};
use myceline_types::{
    Account, Amount, Block, BlockHeight, Bundle, BundleAction, ChainConfig, ChainDescription, ChainId, Epoch, Hash,
    Holder, IncomingBundle, Message, MessageContent, NetworkId, Operation, Origin, Owner, Ownership, Permissions,
    Policy, ProposedBlock, SystemMessage, Timestamp, Transaction,
};
use std::collections::{BTreeMap, VecDeque};

/// Chains, and the bundles that are on their way between them.
pub struct World {
    pub policy: Policy,
    chains: BTreeMap<ChainId, Chain>,
    inboxes: BTreeMap<ChainId, BTreeMap<ChainId, VecDeque<Bundle>>>,
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
        let mut world = World { policy: Policy::default(), chains: BTreeMap::new(), inboxes: BTreeMap::new() };
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

    /// Makes a block by this author. If it fails, nothing has happened.
    pub fn block(&mut self, chain: ChainId, author: u8, transactions: Vec<Transaction>) -> Result<Block, Problem> {
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
        let environment = Environment { policy: &self.policy, blob_sizes: &BTreeMap::new(), engine: &NativeOnly };
        match execute(environment, &proposed, at.config.clone(), Overlay::new(&at.state, [])) {
            Ok(done) => Ok(self.commit(proposed, done)),
            Err(Failure { stop, .. }) => match *stop {
                Stop::Invalid(problem) => Err(problem),
                Stop::Needs(need) => panic!("a state in memory lacks nothing, but {need:?} is needed"),
            },
        }
    }

    /// Does one thing in a block of its own.
    pub fn operate(&mut self, chain: ChainId, author: u8, operation: Operation) -> Result<Block, Problem> {
        self.block(chain, author, vec![Transaction::Execute(operation)])
    }

    fn commit(&mut self, proposed: ProposedBlock, done: Done) -> Block {
        let Done { outcome, changes, opened, config } = done;
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
        let travelling = bundles.flat_map(|bundle| &bundle.messages).map(value);
        Amount::checked_sum(held.chain(travelling)).expect("the supply can be counted")
    }
}

fn value(message: &Message) -> Amount {
    match &message.content {
        MessageContent::System(SystemMessage::Credit { amount, .. }) => *amount,
        _ => Amount::ZERO,
    }
}
