//! One validator, a wallet with two chains, and the example applications on the first of them.

use myceline_client::{Client, MemorySigner, MessagePolicy, Options};
use myceline_mcp::{Interface, Server, Settings};
use myceline_node::Network;
use myceline_rpc::InMemory;
use myceline_sdk_testing::Module;
use myceline_service::{Book, Failure, Local, Node, call::KnownChain, describe::Describer};
use myceline_storage::Memory;
use myceline_types::{
    Amount, ApplicationId, Blob, BlobKind, ChainConfig, ChainId, Committee, Genesis, Hash, ModuleId, Opaque, Operation,
    Owner, OwnerSecret, Ownership, Permissions, Policy, Resilience, Timestamp, Transaction, Validator, ValidatorSecret,
    encoding, genesis::PROTOCOL_VERSION,
};
use myceline_validator::Guests;
use myceline_wasm::{METERING, Wasmtime};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

/// One engine for all tests of this process.
fn engine() -> Arc<Wasmtime> {
    static ENGINE: OnceLock<Arc<Wasmtime>> = OnceLock::new();
    ENGINE.get_or_init(|| Arc::new(Wasmtime::new().unwrap())).clone()
}

fn ann() -> OwnerSecret {
    OwnerSecret::from_seed([101; 32])
}

/// Who owns both chains.
pub fn owner() -> Owner {
    ann().owner()
}

/// A wallet in memory.
#[derive(Default)]
struct Wallet(Mutex<BTreeMap<ChainId, KnownChain>>);

impl Book for Wallet {
    fn known(&self) -> Result<Vec<KnownChain>, Failure> {
        Ok(self.0.lock().unwrap().values().cloned().collect())
    }

    fn keep(&self, known: KnownChain) -> Result<(), Failure> {
        self.0.lock().unwrap().insert(known.chain, known);
        Ok(())
    }

    fn name_application(&self, _: &str, _: ApplicationId) -> Result<(), Failure> {
        panic!("nobody names applications in these tests")
    }

    fn set_policy(&self, _: ChainId, _: &MessagePolicy) -> Result<(), Failure> {
        panic!("nobody changes policies in these tests")
    }
}

/// A wallet on a network.
pub struct Ground {
    pub node: Node,
    pub main: ChainId,
    pub savings: ChainId,
    network: Arc<Network>,
    _validator: myceline_validator::Validator<Memory>,
}

impl Ground {
    pub fn new() -> Ground {
        let secret = ValidatorSecret::from_seed([1; 32]);
        let network = Arc::new(Network::new(genesis(&secret)).unwrap());
        let guests = Guests { engine: engine(), ..Guests::none() };
        let failed = |error| panic!("{error}");
        let validator =
            myceline_validator::Validator::start(network.clone(), Memory::new(), secret, 1, guests, failed).unwrap();
        let peers = vec![InMemory::new(Arc::new(validator.gateway()))];
        let signer: MemorySigner = [ann()].into_iter().collect();
        let options = Options { engine: engine(), ..Options::default() };
        let client = Client::open(network.clone(), Memory::new(), peers, signer, options).unwrap();

        let wallet = Arc::new(Wallet::default());
        let [main, savings] = [0, 1].map(|index| network.genesis().description(index).unwrap().id());
        for (chain, name) in [(main, "main"), (savings, "savings")] {
            let is_default = chain == main;
            wallet.keep(KnownChain { chain, name: Some(name.into()), owner: Some(owner()), is_default }).unwrap();
        }
        let node = Node::new(Local::new(client, wallet, Arc::default()));
        Ground { node, main, savings, network, _validator: validator }
    }

    /// A counter that starts at five.
    pub async fn counter(&self) -> Interface {
        self.create("counter", "poll", &(), &5_u64).await
    }

    /// Publishes a package, creates an application of it, and asks that what it is.
    pub async fn create(
        &self,
        package: &str,
        name: &str,
        parameters: &impl Serialize,
        argument: &impl Serialize,
    ) -> Interface {
        let Module { contract, service } = Module::build(package);
        let blob = |kind, bytes| Blob { kind, bytes: Opaque(bytes) };
        let (contract, service) = (blob(BlobKind::Contract, contract), blob(BlobKind::Service, service));
        let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
        let bytes = |value: Vec<u8>| Opaque(value);
        let creation = Operation::CreateApplication {
            module,
            parameters: bytes(encoding::to_bytes(parameters)),
            argument: bytes(encoding::to_bytes(argument)),
        };
        let transactions = [Operation::PublishModule(module), creation].map(Transaction::Execute).into();
        let made = self.node.submit(self.main, transactions, vec![contract, service]).await.unwrap();
        self.node.deliver(self.main).await.unwrap();
        let id: ApplicationId = encoding::from_bytes(&made.results.last().unwrap().0).unwrap();
        let describer = Describer::new(self.node.clone(), engine(), self.network.genesis());
        Interface::discover(&self.node, &describer, self.main, (name.into(), id)).await.unwrap()
    }

    /// A server that offers these applications.
    pub fn offers(&self, interfaces: &[Interface], change: impl FnOnce(&mut Settings)) -> Server {
        let mut settings = Settings { chain: self.main, is_read_only: false, may_transfer: false };
        change(&mut settings);
        Server::new(self.node.clone(), &settings, interfaces)
    }
}

fn genesis(secret: &ValidatorSecret) -> Genesis {
    let member = Validator { key: secret.public(), account: secret.address(), weight: 1, address: String::new() };
    let chain = ChainConfig {
        ownership: Ownership::single_fast(owner()),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(1_000),
    };
    Genesis {
        name: "test".into(),
        protocol: PROTOCOL_VERSION,
        timestamp: Timestamp(1),
        committee: Committee::new(vec![member], Resilience::Classic).unwrap(),
        policy: Policy { metering: METERING, ..Policy::default() },
        chains: vec![chain.clone(), chain],
        salt: Hash::ZERO,
    }
}

/// Waits for something that comes by itself, but not for ever.
pub async fn in_time<T>(story: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(120), story).await.expect("it takes seconds")
}
