//! A wallet in use: its lock, its keys, its store, and a client that talks to the network.

use crate::{
    CliError, Code, Context,
    engine::Applications,
    keystore::Keys,
    wallet::{Folder, Wallet, WalletLock},
};
use myceline_client::{Client, Options, SignError, Signer, SubmitError, SyncError, local::LocalError};
use myceline_node::{Network, Problem, layout, rows::RequestId};
use myceline_rpc::{GrpcPeer, Peer, grpc::PeerSettings};
use myceline_sessions::Statement;
use myceline_storage::{Embedded, embedded};
use myceline_types::{
    Account, ApplicationId, Blob, BlockHeight, ChainId, Genesis, NetworkId, Owner, OwnerSignature, Refusal, Transaction,
};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// How long a command waits for validators to take a final block.
const DELIVERY_WAIT: Duration = Duration::from_secs(2);

/// The client of a wallet.
pub type WalletClient = Client<Embedded, GrpcPeer, KeySigner>;

/// A wallet in use by one command.
pub struct LiveWallet {
    /// Which chains it has.
    pub wallet: Wallet,
    /// Talks to the network.
    pub client: WalletClient,
    /// Must be held to change the wallet.
    pub lock: Arc<WalletLock>,
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
    /// Opens the wallet and does something with it.
    pub fn with_wallet<T, F: Future<Output = Result<T, CliError>>>(
        &self,
        act: impl FnOnce(LiveWallet) -> F,
    ) -> Result<T, CliError> {
        let lock = Arc::new(self.lock_wallet()?);
        let wallet = Wallet::open(&self.folder)?;
        let keys = self.keys_if_any()?;
        let runtime = runtime()?;
        let done = runtime.block_on(async { act(self.open(wallet, keys, lock.clone())?).await });
        // Tasks that still run hold the store: they end before another command may have the wallet.
        drop(runtime);
        drop(lock);
        done
    }

    fn open(&self, wallet: Wallet, keys: Keys, lock: Arc<WalletLock>) -> Result<LiveWallet, CliError> {
        let client = open_client(&self.folder, &wallet, keys, |_, peer| peer)?;
        Ok(LiveWallet { wallet, client, lock })
    }
}

/// The client of the wallet in a folder. `link` says how the validator at each place is reached.
pub(crate) fn open_client<P: Peer>(
    folder: &Folder,
    wallet: &Wallet,
    keys: Keys,
    link: impl Fn(u8, GrpcPeer) -> P,
) -> Result<Client<Embedded, P, KeySigner>, CliError> {
    let network = network_of(wallet.genesis())?;
    let options = embedded::Options::new(network.id().0, &layout::APPENDED);
    let store = Embedded::open(&folder.store(), &options).map_err(|error| CliError::telling(Code::Busy, &error))?;
    // A restored wallet may not know what was signed since it was saved.
    let options =
        Options { is_cautious: store.is_copy(), engine: Applications::OfCommands.shared(), ..Options::default() };
    let peers = peers_of(wallet.genesis())?;
    let peers = (0..).zip(peers).map(|(place, peer)| link(place, peer)).collect();
    Client::open(network, store, peers, KeySigner::new(keys), options)
        .map_err(|error| CliError::telling(Code::General, &error))
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
    /// The chain that a person means, or the default one.
    pub fn chain(&self, named: Option<&str>) -> Result<ChainId, CliError> {
        Ok(match named {
            Some(text) => self.wallet.find(text).or_else(|error| text.parse().map_err(|_| error))?,
            None => self.wallet.default_chain()?,
        })
    }

    /// The application that a person means.
    pub fn application(&self, named: &str) -> Result<ApplicationId, CliError> {
        Ok(self.wallet.find_application(named)?)
    }

    /// Calls an application so from now on.
    pub fn name_application(&mut self, name: &str, id: ApplicationId, folder: &Folder) -> Result<(), CliError> {
        self.wallet.name_application(name, id)?;
        Ok(self.wallet.save(&self.lock, folder)?)
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

    /// Makes a block that publishes blobs, and waits until it is final.
    pub async fn submit_with(
        &self,
        chain: ChainId,
        transactions: Vec<Transaction>,
        blobs: Vec<Blob>,
    ) -> Result<Settled, CliError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| CliError::telling(Code::General, &error))?;
        let began = Instant::now();
        let submission = self.client.submit(chain, RequestId(id), transactions, blobs).await?;
        let preconfirmed_ms = began.elapsed().as_secs_f64() * 1_000.0;
        let block = submission.finality().await?;
        let final_ms = began.elapsed().as_secs_f64() * 1_000.0;
        self.deliver(chain).await?;
        let results = block.block().outcome.results.iter().map(|result| result.bytes.0.clone()).collect();
        Ok(Settled { height: block.height(), opened: block.opened(), results, preconfirmed_ms, final_ms })
    }

    /// Sees to it that the validators have a chain's last block before this command ends, so that what it sent arrives. One
    /// that is slow learns of the block from its peers.
    pub async fn deliver(&self, chain: ChainId) -> Result<(), CliError> {
        let delivered = tokio::time::timeout(DELIVERY_WAIT, self.client.deliver(chain)).await;
        Ok(delivered.unwrap_or(Ok(()))?)
    }
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
    pub results: Vec<Vec<u8>>,
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

impl From<SubmitError> for CliError {
    fn from(error: SubmitError) -> CliError {
        match &error {
            SubmitError::Fails { problem, .. } => problem_error(problem),
            SubmitError::NoQuorum { .. } | SubmitError::OutOfTime => CliError::telling(Code::Unreachable, &error)
                .hint("nothing is lost, and what was begun is finished by: myceline sync"),
            SubmitError::Rejected(refusal) => CliError::telling(Code::Refused, &Refusal::clone(refusal)),
            SubmitError::NotOwner(_) => {
                CliError::telling(Code::NotFound, &error).hint("see which keys there are: myceline wallet show")
            }
            _ => CliError::telling(Code::General, &error),
        }
    }
}

fn problem_error(problem: &Problem) -> CliError {
    match problem {
        Problem::Balance { .. } | Problem::Allowance { .. } => CliError::telling(Code::InsufficientFunds, problem)
            .hint("see what there is: myceline balance")
            .hint("take in what others sent: myceline sync"),
        _ => CliError::telling(Code::Refused, problem),
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> CliError {
        let code = match &error {
            SyncError::NoSuchChain(_) => Code::NotFound,
            SyncError::Unreachable => Code::Unreachable,
            SyncError::Local(_) => Code::General,
        };
        CliError::telling(code, &error)
    }
}

impl From<LocalError> for CliError {
    fn from(error: LocalError) -> CliError {
        match &error {
            LocalError::UnknownChain(_) => {
                CliError::telling(Code::NotFound, &error).hint("fetch it first: myceline sync")
            }
            _ => CliError::telling(Code::General, &error),
        }
    }
}
