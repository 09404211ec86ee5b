//! A wallet in use: its lock, its keys, its store, and a client that talks to the network; or a service that has all of it.
//!
//! Commands do not know which: they call the wallet's node. One that goes on serves the wallet to the others meanwhile.

use crate::{
    CliError, Code, Context,
    book::WalletBook,
    engine::{Applications, asker},
    kept::Kept,
    keystore::Keys,
    pass::Pass,
    wallet::{Folder, Wallet, WalletChain, WalletLock},
};
use myceline_client::{Client, Options, SignError, Signer};
use myceline_node::{Network, layout};
use myceline_rpc::{GrpcPeer, Peer, grpc::PeerSettings};
use myceline_service::{
    Inboxes, Local, Node,
    call::{KnownChain, Made},
};
use myceline_sessions::Statement;
use myceline_storage::{Embedded, embedded};
use myceline_types::{
    Account, ApplicationId, Blob, BlockHeight, ChainId, Genesis, NetworkId, Opaque, Owner, OwnerSignature, Transaction,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt, future::Future, sync::Arc, time::Duration};
use tokio::runtime::Runtime;

/// The node of a wallet that this process holds.
pub type WalletNode = Local<Embedded, GrpcPeer, KeySigner>;

/// A wallet in use by one command: by itself, or through the service that holds it.
pub struct LiveWallet {
    /// Which chains it has.
    pub wallet: Wallet,
    /// Whoever keeps those chains.
    pub node: Node,
    /// For whom it signs.
    pub owners: BTreeSet<Owner>,
    /// The node itself, where this process holds the wallet.
    held: Option<Arc<WalletNode>>,
}

/// Signs with the keys of the wallet.
#[derive(Clone)]
pub struct KeySigner(Arc<Keys>);

impl KeySigner {
    /// Signs with these keys.
    pub fn new(keys: Keys) -> KeySigner {
        KeySigner(Arc::new(keys))
    }
}

impl Signer for KeySigner {
    fn owners(&self) -> BTreeSet<Owner> {
        self.0.owners().collect()
    }

    async fn sign(&self, owner: Owner, statement: Statement, network: NetworkId) -> Result<OwnerSignature, SignError> {
        if !self.holds(&owner) {
            return Err(SignError::NoKey(owner));
        }
        self.0.sign(&owner, statement.digest(network)).map_err(|error| SignError::Unavailable(error.to_string()))
    }
}

impl Context {
    /// Opens the wallet and does something with it. Where a service holds the wallet, that does it.
    pub fn with_wallet<T, F: Future<Output = Result<T, CliError>>>(
        &self,
        act: impl FnOnce(LiveWallet) -> F,
    ) -> Result<T, CliError> {
        self.with_wallet_and_keys(|| self.keys_if_any().map(KeySigner::new), act)
    }

    /// The same for whoever has unlocked the keys before. They are asked for only where no service holds the wallet.
    pub(crate) fn with_wallet_and_keys<T, F: Future<Output = Result<T, CliError>>>(
        &self,
        keys: impl FnOnce() -> Result<KeySigner, CliError>,
        act: impl FnOnce(LiveWallet) -> F,
    ) -> Result<T, CliError> {
        let runtime = runtime()?;
        let lock = match self.folder.lock(Duration::ZERO, |_| ()) {
            Ok(lock) => Arc::new(lock),
            Err(_) => match runtime.block_on(self.through_service())? {
                Some(live) => return runtime.block_on(act(live)),
                None => Arc::new(self.lock_wallet()?),
            },
        };
        let keys = keys()?;
        let done = runtime.block_on(async { act(self.open(keys, lock.clone())?).await });
        // Tasks that still run hold the store: they end before another command may have the wallet.
        drop(runtime);
        drop(lock);
        done
    }

    /// As [`Context::with_wallet`], for a command that goes on. Where it holds the wallet itself, it follows the wallet's chains
    /// and serves them to other commands, as a service does.
    pub fn keep_wallet<T, F: Future<Output = Result<T, CliError>>>(
        &self,
        inboxes: Inboxes,
        act: impl FnOnce(LiveWallet) -> F,
    ) -> Result<T, CliError> {
        self.with_wallet(async move |live| {
            let Some(held) = live.held.clone() else { return Box::pin(act(live)).await };
            let kept = Kept::start(&self.folder, held, inboxes).await?;
            let done = Box::pin(act(live)).await;
            kept.end().await;
            done
        })
    }

    /// The wallet as the service has it that holds it, if one does.
    async fn through_service(&self) -> Result<Option<LiveWallet>, CliError> {
        let Some(pass) = Pass::read(&self.folder)? else { return Ok(None) };
        let node = Node::new(pass.remote());
        let owners = match node.owners().await {
            Ok(owners) => owners,
            // It was written by a service that is gone: whoever holds the wallet now is somebody else.
            Err(failure) if matches!(failure.code, Code::Unreachable | Code::Unauthorized) => return Ok(None),
            Err(failure) => return Err(failure.into()),
        };
        let wallet = Wallet::open(&self.folder)?;
        Ok(Some(LiveWallet { wallet, node, owners, held: None }))
    }

    fn open(&self, keys: KeySigner, lock: Arc<WalletLock>) -> Result<LiveWallet, CliError> {
        let wallet = Wallet::open(&self.folder)?;
        let owners = keys.owners();
        let client = open_client(&self.folder, &wallet, keys, Applications::OfCommands, |_, peer| peer)?;
        let book = Arc::new(WalletBook::new(wallet.clone(), self.folder.clone(), lock));
        let held = Arc::new(Local::new(client, book, Arc::default()));
        Ok(LiveWallet { wallet, node: Node::shared(held.clone()), owners, held: Some(held) })
    }
}

/// The client of the wallet in a folder. `link` says how the validator at each place is reached.
pub(crate) fn open_client<P: Peer>(
    folder: &Folder,
    wallet: &Wallet,
    keys: KeySigner,
    engine: Applications,
    link: impl Fn(u8, GrpcPeer) -> P,
) -> Result<Client<Embedded, P, KeySigner>, CliError> {
    let network = network_of(wallet.genesis())?;
    let options = embedded::Options::new(network.id().0, &layout::APPENDED);
    let store = Embedded::open(&folder.store(), &options).map_err(|error| CliError::telling(Code::Busy, &error))?;
    // A restored wallet may not know what was signed since it was saved.
    let policies = wallet.policies().clone();
    let is_cautious = store.is_copy();
    let options = Options { is_cautious, engine: engine.shared(), web: asker(), policies, ..Options::default() };
    let peers = peers_of(wallet.genesis())?;
    let peers = (0..).zip(peers).map(|(place, peer)| link(place, peer)).collect();
    Client::open(network, store, peers, keys, options).map_err(|error| CliError::telling(Code::General, &error))
}

/// The network that starts from this.
pub(crate) fn network_of(genesis: &Genesis) -> Result<Arc<Network>, CliError> {
    let network = Network::new(genesis.clone()).map_err(|error| CliError::telling(Code::General, &error))?;
    Ok(Arc::new(network))
}

/// The validators of a network, in the committee's order. Nothing is sent yet.
pub(crate) fn peers_of(genesis: &Genesis) -> Result<Vec<GrpcPeer>, CliError> {
    let peer = |address: &str| GrpcPeer::new(address, PeerSettings::default());
    let peers = genesis.committee.validators().iter().map(|validator| peer(&validator.address));
    peers.collect::<Result<_, _>>().map_err(|error| CliError::telling(Code::General, &error))
}

/// Where clients run.
pub(crate) fn runtime() -> Result<Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| CliError::telling(Code::General, &error))
}

impl LiveWallet {
    /// Whether this process holds the wallet, and no service does.
    pub(crate) fn is_held_here(&self) -> bool {
        self.held.is_some()
    }

    /// Whether another process has the wallet, and does what is asked of it.
    pub fn is_elsewhere(&self) -> bool {
        self.held.is_none()
    }

    /// The chain that a person means, or the default one.
    pub fn chain(&self, named: Option<&str>) -> Result<ChainId, CliError> {
        Ok(self.wallet.chain(named)?)
    }

    /// The application that a person means.
    pub fn application(&self, named: &str) -> Result<ApplicationId, CliError> {
        Ok(self.wallet.find_application(named)?)
    }

    /// Calls an application so from now on.
    pub async fn name_application(&self, name: &str, id: ApplicationId) -> Result<(), CliError> {
        Ok(self.node.name_application(name.into(), id).await?)
    }

    /// The account that a person means: a chain of the wallet, or any account in full.
    pub fn account(&self, named: &str) -> Result<Account, CliError> {
        match self.wallet.find(named) {
            Ok(chain) => Ok(Account::of_chain(chain)),
            Err(error) => Ok(named.parse().map_err(|_| error)?),
        }
    }

    /// Makes a block of one chain and waits until it is final.
    pub async fn submit(&self, chain: ChainId, transactions: Vec<Transaction>) -> Result<Settled, CliError> {
        self.submit_with(chain, transactions, Vec::new()).await
    }

    /// Makes a block that publishes blobs, and waits until it is final. What it sent arrives also where this command ends
    /// right after that: the validators are shown the block first. One that is slow learns of it from its peers.
    pub async fn submit_with(
        &self,
        chain: ChainId,
        transactions: Vec<Transaction>,
        blobs: Vec<Blob>,
    ) -> Result<Settled, CliError> {
        let made = self.node.submit(chain, transactions, blobs).await?;
        self.node.deliver(chain).await?;
        Ok(made.into())
    }

    /// Keeps a chain in the wallet, or says something new about it.
    pub async fn keep(&self, chain: ChainId, known: WalletChain) -> Result<(), CliError> {
        let WalletChain { name, owner } = known;
        Ok(self.node.keep(KnownChain { chain, name, owner, is_default: false }).await?)
    }
}

/// What to do where a service, or a command that goes on, holds the wallet, and this command cannot go through it.
pub(crate) fn held_by_service(url: &str) -> CliError {
    CliError::new(
        Code::Busy,
        format_args!("what listens at {url} holds this wallet, and this command cannot go through it"),
    )
    .hint("end it with Ctrl-C where it runs, then use the same command again")
    .hint("or use another wallet: --wallet DIR")
}

/// A block that this command made.
#[derive(Clone, Debug, Serialize)]
pub struct Settled {
    /// At which height.
    pub height: BlockHeight,
    /// The chains that it opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<ChainId>,
    /// What its operations returned, in order, where they returned something.
    #[serde(skip)]
    pub results: Vec<Opaque>,
    /// Milliseconds until it was executed here.
    pub preconfirmed_ms: f64,
    /// Milliseconds until it was final.
    pub final_ms: f64,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settled { height, preconfirmed_ms, final_ms, .. } = self;
        write!(f, "pre-confirmed after {preconfirmed_ms:.1} ms, final after {final_ms:.1} ms, in block {height}")
    }
}

impl From<Made> for Settled {
    fn from(made: Made) -> Settled {
        let ms = |us: u64| Duration::from_micros(us).as_secs_f64() * 1_000.0;
        let Made { height, opened, results, preconfirmed_us, final_us, .. } = made;
        let final_ms = ms(final_us.unwrap_or(preconfirmed_us));
        Settled { height, opened, results, preconfirmed_ms: ms(preconfirmed_us), final_ms }
    }
}
