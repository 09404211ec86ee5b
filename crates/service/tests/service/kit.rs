//! Four validators, a wallet with two chains, and a service on a port that was free.

use crate::http::Asker;
use myceline_client::{Client, MemorySigner, MessagePolicy, Options};
use myceline_node::Network;
use myceline_rpc::InMemory;
use myceline_sdk_testing::Module;
use myceline_service::{Access, Book, Failure, Hub, Inboxes, Local, Node, Service, Settings, call::KnownChain};
use myceline_storage::Memory;
use myceline_types::{
    Amount, ApplicationId, ChainConfig, ChainId, Committee, Genesis, Hash, Owner, OwnerSecret, Ownership, Permissions,
    Policy, Resilience, Timestamp, Validator, ValidatorSecret, genesis::PROTOCOL_VERSION,
};
use myceline_validator::{Gateway, Guests};
use myceline_wasm::{METERING, Wasmtime};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// What commands of the wallet's owner show.
pub const WALLET_TOKEN: &str = "a token of this test's wallet";
const VALIDATORS: u8 = 4;

/// One engine for all nodes of this process, as the command line has it.
fn engine() -> Arc<Wasmtime> {
    static ENGINE: OnceLock<Arc<Wasmtime>> = OnceLock::new();
    ENGINE.get_or_init(|| Arc::new(Wasmtime::new().unwrap())).clone()
}

pub fn ann() -> OwnerSecret {
    OwnerSecret::from_seed([101; 32])
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

/// Validators, and a service for the wallet of Ann, who owns both chains.
pub struct Served {
    pub network: Arc<Network>,
    pub address: SocketAddr,
    /// The node, without a detour through the service.
    pub node: Node,
    _validators: Vec<myceline_validator::Validator<Memory>>,
    following: JoinHandle<()>,
    _end: oneshot::Sender<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Served {
    /// Open to everybody on this machine.
    pub async fn openly() -> Served {
        Served::start(Access::default(), false).await
    }

    pub async fn start(access: Access, is_read_only: bool) -> Served {
        let secrets: Vec<ValidatorSecret> =
            (1..=VALIDATORS).map(|seed| ValidatorSecret::from_seed([seed; 32])).collect();
        let network = Arc::new(Network::new(genesis(&secrets)).unwrap());
        let start = |secret| {
            let failed = |error| panic!("{error}");
            let guests = Guests { engine: engine(), ..Guests::none() };
            myceline_validator::Validator::start(network.clone(), Memory::new(), secret, 1, guests, failed).unwrap()
        };
        let validators: Vec<_> = secrets.into_iter().map(start).collect();
        let peers: Vec<InMemory<Gateway<Memory>>> =
            validators.iter().map(|validator| InMemory::new(Arc::new(validator.gateway()))).collect();
        let signer: MemorySigner = [ann()].into_iter().collect();
        let options = Options { engine: engine(), ..Options::default() };
        let client = Client::open(network.clone(), Memory::new(), peers, signer, options).unwrap();

        let (wallet, hub) = (Arc::new(Wallet::default()), Arc::new(Hub::default()));
        for (index, name) in [(0, "main"), (1, "savings")] {
            let (chain, owner) = (network.genesis().description(index).unwrap().id(), Some(ann().owner()));
            wallet.keep(KnownChain { chain, name: Some(name.into()), owner, is_default: index == 0 }).unwrap();
        }
        let local = Arc::new(Local::new(client, wallet, hub.clone()));
        let node = Node::shared(local.clone());
        let inboxes = if is_read_only { Inboxes::Manual } else { Inboxes::Automatic };
        let following = tokio::spawn(async move { local.follow(inboxes).await.unwrap() });
        let settings = Settings { access, wallet_token: WALLET_TOKEN.into(), is_read_only };
        let service = Service::new(node.clone(), hub, engine(), network.genesis(), settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        tokio::spawn(service.serve(listener, async { drop(ended.await) }));
        Served { network, address, node, _validators: validators, following, _end: end }
    }

    /// Ann's chain at this place: 0 is her default, 1 her savings.
    pub fn chain(&self, index: u32) -> ChainId {
        self.network.genesis().description(index).unwrap().id()
    }

    pub fn asker(&self) -> Asker {
        Asker::new(self.address)
    }

    /// Publishes the counter and creates one that starts at five. Gives the path of its address.
    pub async fn counter(&self) -> String {
        self.application("counter", "5").await
    }

    /// Publishes an example application and creates one on Ann's default chain. Gives the path of its address.
    pub async fn application(&self, name: &str, argument: &str) -> String {
        let Module { contract, service } = Module::build(name);
        let publish = format!(
            r#"mutation {{ publishModule(chainId: "{}", contract: "{}", service: "{}") {{ moduleId }} }}"#,
            self.chain(0),
            hex::encode(contract),
            hex::encode(service)
        );
        let published = self.asker().data("/", &publish).await;
        let create = format!(
            r#"mutation {{ createApplication(chainId: "{}", moduleId: "{}", argument: {argument}) {{ path block {{ height }} }} }}"#,
            self.chain(0),
            published["publishModule"]["moduleId"].as_str().unwrap()
        );
        let created = self.asker().data("/", &create).await;
        created["createApplication"]["path"].as_str().unwrap().to_owned()
    }
}

fn genesis(secrets: &[ValidatorSecret]) -> Genesis {
    let member = |secret: &ValidatorSecret| Validator {
        key: secret.public(),
        account: secret.address(),
        weight: 1,
        address: String::new(),
    };
    Genesis {
        name: "test".into(),
        protocol: PROTOCOL_VERSION,
        timestamp: Timestamp(1),
        committee: Committee::new(secrets.iter().map(member).collect(), Resilience::Classic).unwrap(),
        policy: Policy { metering: METERING, ..Policy::default() },
        chains: (0..2).map(|_| chain_of(ann().owner())).collect(),
        salt: Hash::ZERO,
    }
}

fn chain_of(owner: Owner) -> ChainConfig {
    ChainConfig {
        ownership: Ownership::single_fast(owner),
        permissions: Permissions::default(),
        balance: Amount::from_tokens(1_000),
    }
}

/// Waits for something that comes by itself, but not for ever.
pub async fn in_time<T>(story: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(120), story).await.expect("it takes seconds")
}
