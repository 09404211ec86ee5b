//! The network: validators, the local node of everybody who owns a chain, and the time.

use crate::{Chain, Fees, clock::TestClock, engines};
use myceline_client::{
    Client, MemorySigner,
    local::{LocalNode, Options},
};
use myceline_node::{Role, Web};
use myceline_oracle::Asker;
use myceline_rpc::InMemory;
use myceline_storage::Memory;
use myceline_types::{
    Amount, ChainConfig, ChainId, Committee, Genesis, Hash, Owner, OwnerSecret, Ownership, Permissions, Policy, Prices,
    Resilience, TimeDelta, Timestamp, Validator as Member, ValidatorSecret, genesis::PROTOCOL_VERSION,
};
use myceline_validator::{Gateway, Validator, validator::Guests};
use std::{
    cell::{Cell, RefCell},
    env,
    rc::Rc,
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::runtime::{Builder, Runtime};

/// Validators of a network: one may be wrong, and three have to agree.
const VALIDATORS: u8 = 4;
/// Chains that a network can give away, each with an owner of its own. More are opened by chains that there are.
pub const CHAINS: u32 = 32;
/// What each chain begins with.
const TOKENS: u64 = 1_000;
/// How long a block may take, by the clock of the test.
const PATIENCE: TimeDelta = TimeDelta::from_millis(120_000);

pub(crate) type Wallet = Client<Memory, InMemory<Gateway<Memory>>, MemorySigner>;

/// What a network is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Prices and limits.
    pub policy: Policy,
    /// What each chain begins with.
    pub balance: Amount,
}

impl Default for Settings {
    /// A thousand tokens for each chain, the usual limits, and prices that are low but nowhere zero.
    fn default() -> Settings {
        let policy = Policy { prices: prices(), ..Policy::default() };
        Settings { policy, balance: Amount::from_tokens(TOKENS) }
    }
}

/// Prices of everything, in proportions that tell an author what is dear. A unit of fuel has a price, so that a block in which
/// the engines count differently is none.
pub fn prices() -> Prices {
    Prices {
        operation: Amount(1_000_000_000_000),
        operation_byte: Amount(10_000_000_000),
        message: Amount(1_000_000_000_000),
        message_byte: Amount(10_000_000_000),
        blob: Amount(1_000_000_000_000),
        blob_byte: Amount(10_000_000_000),
        chain: Amount(10_000_000_000_000),
        fuel: Amount(100_000_000),
        read: Amount(10_000_000_000),
        read_byte: Amount(100_000_000),
        write: Amount(100_000_000_000),
        write_byte: Amount(10_000_000_000),
        event: Amount(1_000_000_000_000),
        event_byte: Amount(10_000_000_000),
        blob_read: Amount(10_000_000_000),
        blob_read_byte: Amount(100_000_000),
        web: Amount(1_000_000_000_000),
        service: Amount(1_000_000_000_000),
    }
}

/// A network. Clones are the same one.
#[derive(Clone)]
pub struct Network {
    pub(crate) inner: Rc<Inner>,
}

pub(crate) struct Inner {
    terms: Arc<myceline_node::Network>,
    pub(crate) clock: TestClock,
    /// `None` only while the network is taken back.
    running: RefCell<Option<Running>>,
    given: Cell<u32>,
    requests: Cell<u64>,
    pub(crate) fees: RefCell<Fees>,
}

/// What runs.
struct Running {
    validators: Vec<(Validator<Memory>, Memory)>,
    local: LocalNode<Memory>,
    store: Memory,
    wallets: Vec<Wallet>,
    /// Last, so that nothing is left to run when it ends.
    runtime: Runtime,
}

/// A network at one moment; see [`Network::snapshot`].
pub struct Snapshot {
    validators: Vec<Memory>,
    store: Memory,
    given: u32,
    ahead: u64,
}

impl Network {
    /// A network with the usual settings.
    #[expect(clippy::new_without_default, reason = "it starts threads")]
    pub fn new() -> Network {
        Network::with(Settings::default())
    }

    /// A network with these settings.
    pub fn with(settings: Settings) -> Network {
        let clock = TestClock::new();
        let terms = myceline_node::Network::new(genesis(settings, clock.now())).expect("the genesis is sound");
        let terms = Arc::new(terms);
        let stores = (0..VALIDATORS).map(|_| Memory::new()).collect();
        let running = Running::start(&terms, &clock, stores, Memory::new());
        Network {
            inner: Rc::new(Inner {
                terms,
                clock,
                running: RefCell::new(Some(running)),
                given: Cell::new(0),
                requests: Cell::new(0),
                fees: RefCell::default(),
            }),
        }
    }

    /// A chain that nobody else has, with an owner of its own who makes its blocks.
    pub fn chain(&self) -> Chain {
        let number = self.inner.given.get();
        assert!(number < CHAINS, "a network gives away {CHAINS} chains: let one of them open more");
        self.inner.given.set(number + 1);
        let description = self.inner.terms.genesis().description(number).expect("there are so many");
        Chain::new(self.clone(), number, description.id())
    }

    /// What every clock shows.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Puts all clocks forward.
    pub fn advance(&self, by: Duration) {
        self.inner.clock.advance(TimeDelta(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)));
    }

    /// What every block so far cost.
    pub fn fees(&self) -> Fees {
        self.inner.fees.borrow().clone()
    }

    /// Everything as it is now, to come back to.
    pub fn snapshot(&self) -> Snapshot {
        self.with_running(|running| running.come_to_rest());
        self.with_running(|running| Snapshot {
            validators: running.validators.iter().map(|(_, store)| store.copy_of_disk()).collect(),
            store: running.store.copy_of_disk(),
            given: self.inner.given.get(),
            ahead: self.inner.clock.ahead(),
        })
    }

    /// Goes back: validators and wallets start again from what they had stored then, and the clock is put back. What was spent
    /// since stays in the report.
    pub fn revert(&self, snapshot: &Snapshot) {
        // All threads of before end first.
        drop(self.inner.running.take());
        self.inner.given.set(snapshot.given);
        self.inner.clock.set_ahead(snapshot.ahead);
        let stores = snapshot.validators.iter().map(Memory::copy_of_disk).collect();
        let running = Running::start(&self.inner.terms, &self.inner.clock, stores, snapshot.store.copy_of_disk());
        self.inner.running.replace(Some(running));
    }

    /// Does something as a person, on the runtime.
    pub(crate) fn as_person<T, F: Future<Output = T>>(&self, person: u32, act: impl FnOnce(Wallet) -> F) -> T {
        self.with_running(|running| running.runtime.block_on(act(running.wallets[person as usize].clone())))
    }

    /// Waits until a chain's last block is on the disk of everybody's node, where other chains see what it published.
    pub(crate) fn keep(&self, chain: ChainId) {
        self.with_running(|running| {
            let kept = running.runtime.block_on(running.local.act(chain, |_| Ok(())).durable());
            kept.expect("a node that runs can be asked");
        });
    }

    /// A name that no block was asked for under.
    pub(crate) fn next_request(&self) -> u64 {
        let next = self.inner.requests.get() + 1;
        self.inner.requests.set(next);
        next
    }

    fn with_running<T>(&self, act: impl FnOnce(&Running) -> T) -> T {
        act(self.inner.running.borrow().as_ref().expect("a network runs"))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let fees = self.fees.borrow();
        if env::var_os("MYCELINE_FEES").is_some() && !fees.entries.is_empty() {
            let test = thread::current();
            println!("\nwhat {} cost, in tokens\n{fees}", test.name().unwrap_or("it"));
        }
    }
}

impl Running {
    fn start(terms: &Arc<myceline_node::Network>, clock: &TestClock, stores: Vec<Memory>, store: Memory) -> Running {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads can be had");
        let entered = runtime.enter();
        let web: Arc<dyn Web> = Arc::new(Asker::new(runtime.handle().clone()));
        let validators: Vec<_> = (0..)
            .zip(stores)
            .map(|(place, store)| (validator(terms, clock, place, store.clone(), web.clone()), store))
            .collect();
        let options = Options {
            role: Role::Client,
            key: None,
            workers: 1,
            clock: clock.shared(),
            engine: engines::compiled(),
            web: web.clone(),
            on_durable: Box::new(|_| ()),
            on_failure: Box::new(|why| panic!("{why}")),
        };
        // One node for everybody: each chain is one person's, and a test does one thing after the other.
        let local = LocalNode::start(terms.clone(), store.clone(), options);
        let peers: Vec<_> =
            validators.iter().map(|(validator, _)| InMemory::new(Arc::new(validator.gateway()))).collect();
        let wallet = |person| {
            let signer = [secret(person)].into_iter().collect();
            Client::on(local.clone(), peers.clone(), signer, PATIENCE).expect("there is a peer for each validator")
        };
        let wallets = (0..CHAINS).map(wallet).collect();
        drop(entered);
        Running { validators, local, store, wallets, runtime }
    }

    /// Waits until whatever was asked of any node is on its disk.
    fn come_to_rest(&self) {
        let nodes = self.validators.iter().map(|(validator, _)| validator.local()).chain([&self.local]);
        self.runtime.block_on(async {
            for node in nodes {
                // A node has one worker here, and what that hands to the disk stays in order.
                let any = node.network().genesis().description(0).expect("there are chains").id();
                node.act(any, |_| Ok(())).durable().await.expect("a node that runs can be asked");
            }
        });
    }
}

fn validator(
    terms: &Arc<myceline_node::Network>,
    clock: &TestClock,
    place: u8,
    store: Memory,
    web: Arc<dyn Web>,
) -> Validator<Memory> {
    let guests = Guests { engine: engines::of_validator(place), web };
    let secret = validator_secret(place);
    Validator::start_at(terms.clone(), store, secret, clock.shared(), guests, |why| panic!("{why}"))
        .expect("it is in the committee")
}

fn validator_secret(place: u8) -> ValidatorSecret {
    ValidatorSecret::from_seed([place + 1; 32])
}

fn secret(person: u32) -> OwnerSecret {
    OwnerSecret::from_seed(Hash::of_parts(&[b"person", &person.to_be_bytes()]).0)
}

/// Whose keys a person has.
pub(crate) fn owner(person: u32) -> Owner {
    secret(person).owner()
}

fn genesis(settings: Settings, now: Timestamp) -> Genesis {
    let member = |place| {
        let secret = validator_secret(place);
        Member { key: secret.public(), account: secret.address(), weight: 1, address: String::new() }
    };
    let chain = |person| ChainConfig {
        ownership: Ownership::single_fast(owner(person)),
        permissions: Permissions::default(),
        balance: settings.balance,
    };
    let committee = Committee::new((0..VALIDATORS).map(member).collect(), Resilience::Classic);
    Genesis {
        name: "test".into(),
        protocol: PROTOCOL_VERSION,
        timestamp: now,
        committee: committee.expect("four validators are a committee"),
        policy: settings.policy.clone(),
        chains: (0..CHAINS).map(chain).collect(),
        salt: Hash::ZERO,
    }
}

/// A chain's id as far as a person reads it.
pub(crate) fn short(chain: ChainId) -> String {
    chain.to_string().chars().take(8).collect()
}
