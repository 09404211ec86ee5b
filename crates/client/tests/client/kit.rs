//! A network of real validators in this process, and links to them that a test can cut.

use myceline_client::{Client, MemorySigner, Options, RequestId};
use myceline_node::Network;
use myceline_rpc::{CallError, InMemory, Outgoing, Peer, SubscribeError};
use myceline_storage::Memory;
use myceline_types::{
    Account, Amount, Certificate, CertificateKind, ChainConfig, ChainId, Committee, Genesis, Hash, Holder, Operation,
    Owner, OwnerSecret, Ownership, Permissions, Policy, Resilience, TimeDelta, Timestamp, Transaction, Validator,
    ValidatorSecret,
    api::{Request, Response, Subscribe},
    genesis::PROTOCOL_VERSION,
};
use myceline_validator::{Gateway, Guests};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// How a link between a client and a validator behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    Up,
    /// Requests are not even sent.
    Down,
    /// Requests arrive, answers do not.
    Deaf,
    /// Nobody waits for an answer that takes longer than a moment.
    Hasty,
}

/// The moment.
const MOMENT: Duration = Duration::from_millis(100);

/// A validator in this process behind a link.
#[derive(Clone)]
pub struct Wire {
    inner: InMemory<Gateway<Memory>>,
    link: Arc<AtomicU8>,
    exchanges: Arc<AtomicU64>,
}

impl Wire {
    /// How many requests that settle a height went this way.
    pub fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::SeqCst)
    }

    fn count(&self, request: &Request) {
        let settles = match request {
            Request::Propose(_) | Request::LeaveRound(_) => true,
            // One that all have signed, or that confirms, is shown when the height is settled.
            Request::Certificate(request) => {
                let Certificate { kind, signatures, .. } = &request.certificate;
                *kind == CertificateKind::Validated && signatures.len() < 4
            }
            _ => false,
        };
        self.exchanges.fetch_add(u64::from(settles), Ordering::SeqCst);
    }

    pub fn set(&self, link: Link) {
        self.link.store(link as u8, Ordering::SeqCst);
    }

    fn is(&self, link: Link) -> bool {
        self.link.load(Ordering::SeqCst) == link as u8
    }
}

impl Peer for Wire {
    type Notifications = <InMemory<Gateway<Memory>> as Peer>::Notifications;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        if self.is(Link::Down) {
            return Err(CallError::Unreachable("cut".into()));
        }
        self.count(request.request());
        let answer = self.inner.call(request);
        if self.is(Link::Hasty) {
            return timeout(MOMENT, answer).await.unwrap_or(Err(CallError::Timeout));
        }
        let answer = answer.await;
        if self.is(Link::Deaf) { Err(CallError::Interrupted) } else { answer }
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Self::Notifications, SubscribeError> {
        if self.is(Link::Up) { self.inner.subscribe(subscribe).await } else { Err(CallError::Interrupted.into()) }
    }
}

pub type TestClient = Client<Memory, Wire, MemorySigner>;

/// Validators and what they agree on.
pub struct Net {
    pub network: Arc<Network>,
    pub validators: Vec<myceline_validator::Validator<Memory>>,
}

pub fn secret(name: &str) -> OwnerSecret {
    OwnerSecret::from_seed(Hash::of_parts(&[name.as_bytes()]).0)
}

pub fn owner(name: &str) -> Owner {
    secret(name).owner()
}

impl Net {
    /// Four validators, and a chain with a fast round and 1000 tokens for each of these owners.
    pub fn start(owners: &[&str]) -> Net {
        Net::start_with(owners, Policy::default(), |_| Guests::none())
    }

    /// The same under a policy, with what the validators at each place run applications on.
    pub fn start_with(owners: &[&str], policy: Policy, guests: impl Fn(u8) -> Guests) -> Net {
        let secrets: Vec<ValidatorSecret> = (1..=4).map(|seed| ValidatorSecret::from_seed([seed; 32])).collect();
        let member = |secret: &ValidatorSecret| Validator {
            key: secret.public(),
            account: secret.address(),
            weight: 1,
            address: String::new(),
        };
        let config = |name: &&str| chain_config(owner(name), 1000);
        let genesis = Genesis {
            name: "test".into(),
            protocol: PROTOCOL_VERSION,
            timestamp: Timestamp(1),
            committee: Committee::new(secrets.iter().map(member).collect(), Resilience::Classic).unwrap(),
            policy,
            chains: owners.iter().map(config).collect(),
            salt: Hash::ZERO,
        };
        let network = Arc::new(Network::new(genesis).unwrap());
        let start = |(place, secret)| {
            let store = Memory::new();
            let validator =
                myceline_validator::Validator::start(network.clone(), store, secret, 1, guests(place), |error| {
                    panic!("{error}")
                });
            validator.unwrap()
        };
        let validators = (0..).zip(secrets).map(start).collect();
        Net { network, validators }
    }

    /// The chain of the owner at this place.
    pub fn chain(&self, index: u32) -> ChainId {
        self.network.genesis().description(index).unwrap().id()
    }

    /// Links to all validators.
    pub fn wires(&self) -> Vec<Wire> {
        let wire = |validator: &myceline_validator::Validator<Memory>| Wire {
            inner: InMemory::new(Arc::new(validator.gateway())),
            link: Arc::new(AtomicU8::new(Link::Up as u8)),
            exchanges: Arc::default(),
        };
        self.validators.iter().map(wire).collect()
    }

    /// A client with the keys of these people and an empty store.
    pub fn client(&self, people: &[&str]) -> TestClient {
        self.client_over(Memory::new(), self.wires(), people)
    }

    pub fn client_over(&self, store: Memory, wires: Vec<Wire>, people: &[&str]) -> TestClient {
        self.client_with(store, wires, people, Options::default())
    }

    pub fn client_with(&self, store: Memory, wires: Vec<Wire>, people: &[&str], options: Options) -> TestClient {
        let signer = people.iter().map(|name| secret(name)).collect();
        let options = Options { patience: TimeDelta::from_millis(10_000), ..options };
        Client::open(self.network.clone(), store, wires, signer, options).unwrap()
    }
}

pub fn chain_config(owner: Owner, tokens: u64) -> ChainConfig {
    ChainConfig {
        ownership: Ownership::single_fast(owner),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(tokens),
    }
}

pub fn transfer(to: ChainId, tokens: u64) -> Vec<Transaction> {
    transfer_of(to, Amount::from_tokens(tokens).0)
}

/// A payment in the smallest unit.
pub fn transfer_of(to: ChainId, units: u128) -> Vec<Transaction> {
    let (from, to, amount) = (Holder::Chain, Account::of_chain(to), Amount(units));
    vec![Transaction::Execute(Operation::Transfer { from, to, amount })]
}

/// Waits for something that comes by itself, but not for ever.
pub async fn in_time<T>(story: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), story).await.expect("it takes milliseconds")
}

pub fn request(number: u8) -> RequestId {
    RequestId([number; 16])
}

/// The balance of a chain in tokens, as a client has seen it.
pub async fn tokens(client: &TestClient, chain: ChainId) -> u64 {
    let balance = client.balance(chain, Holder::Chain).await.unwrap();
    u64::try_from(balance.0 / Amount::ONE.0).unwrap()
}
