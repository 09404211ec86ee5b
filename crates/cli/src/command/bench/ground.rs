//! The network that is measured, as it lies in a folder and runs on this machine, and the client that loads it.
//!
//! The client is the one that wallets use: it verifies and executes everything itself, keeps a store on the same disk, and
//! reaches the validators through gRPC. All lanes of a run share it, its store and its four connections.

use super::{
    disk,
    process::{Process, Stopped, Usage},
};
use crate::{
    CliError, Code, Context,
    command::net::{MAIN, Plan},
    engine::Applications,
    live::KeySigner,
    output::Progress,
    wallet::WalletLock,
};
use myceline_client::{Client, MemorySigner, Options, SignError, Signer};
use myceline_node::{Network, layout};
use myceline_rpc::{GrpcPeer, grpc::PeerSettings};
use myceline_sessions::Statement;
use myceline_storage::{
    Embedded,
    embedded::{self, Lock, LockError},
};
use myceline_types::{ChainId, NetworkId, Owner, OwnerSecret, OwnerSignature};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};
use tempfile::TempDir;

/// Threads of the client that step chains. The validators need the rest of the machine.
const WORKERS: usize = 1;

/// A client that loads a network.
pub(super) type BenchClient = Client<Embedded, GrpcPeer, BenchSigner>;

/// A running network and what is needed to measure it.
pub(super) struct Ground {
    /// The network.
    pub(super) network: Arc<Network>,
    /// The chain that pays for everything.
    pub(super) bank: ChainId,
    /// The folder of the network.
    pub(super) dir: PathBuf,
    /// Where the clients of this run keep what they know. It goes away with the run.
    pub(super) scratch: Arc<TempDir>,
    validators: Vec<Validator>,
    wallet_keys: KeySigner,
    /// Nobody else spends what the bank has meanwhile.
    _lock: WalletLock,
}

struct Validator {
    process: Process,
    store: PathBuf,
    is_stopped: bool,
}

/// Everything that has been used up to a moment.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// When.
    pub(super) at: Instant,
    /// By the client.
    pub(super) client: Usage,
    /// By each validator that was not stopped.
    pub(super) validators: Vec<Usage>,
}

/// Signs for the bank with the wallet's keys, and for the chains of a run with keys of its own.
#[derive(Clone)]
pub(super) struct BenchSigner {
    wallet: KeySigner,
    own: MemorySigner,
}

impl Signer for BenchSigner {
    fn owners(&self) -> BTreeSet<Owner> {
        self.wallet.owners().union(&self.own.owners()).copied().collect()
    }

    fn holds(&self, owner: &Owner) -> bool {
        self.own.holds(owner) || self.wallet.holds(owner)
    }

    async fn sign(&self, owner: Owner, statement: Statement, network: NetworkId) -> Result<OwnerSignature, SignError> {
        if self.own.holds(&owner) {
            return self.own.sign(owner, statement, network).await;
        }
        self.wallet.sign(owner, statement, network).await
    }
}

impl Ground {
    /// Finds the network in a folder, where `net up` keeps it and runs it now.
    pub(super) fn find(dir: &Path, context: &Context) -> Result<Ground, CliError> {
        let dir = std::path::absolute(dir).map_err(|why| CliError::telling(Code::General, &why))?;
        let plan = Plan::existing(&dir)?;
        disk::must_be_a_disk(&dir)?;
        let folder = plan.wallet(&MAIN);
        let wallet = Context { folder, passwords: context.passwords.clone(), ..*context };
        let lock = wallet.lock_wallet()?;
        let wallet_keys = KeySigner::new(wallet.unlock_keys()?);
        let network = Network::new(plan.genesis.clone()).map_err(|error| CliError::telling(Code::General, &error))?;
        let bank = plan.chain().ok_or_else(|| CliError::new(Code::NotFound, "the network has no funded chain"))?;
        let validators = plan.configs.iter().map(|config| Validator::find(&config.with_file_name("store")));
        let scratch = tempfile::Builder::new().prefix("bench-").tempdir_in(&dir);
        Ok(Ground {
            network: Arc::new(network),
            bank,
            scratch: Arc::new(scratch.map_err(|why| CliError::telling(Code::General, &why))?),
            validators: validators.collect::<Result<_, _>>()?,
            dir,
            wallet_keys,
            _lock: lock,
        })
    }

    /// A client with a new store that signs for the bank and for `owners`.
    pub(super) fn client(
        &self,
        name: &str,
        owners: impl IntoIterator<Item = OwnerSecret>,
    ) -> Result<BenchClient, CliError> {
        let options = embedded::Options::new(self.network.id().0, &layout::APPENDED);
        let store = Embedded::open(&self.scratch.path().join(name), &options)
            .map_err(|why| CliError::telling(Code::General, &why))?;
        let signer = BenchSigner { wallet: self.wallet_keys.clone(), own: owners.into_iter().collect() };
        let options = Options { workers: WORKERS, engine: Applications::OfServers.shared(), ..Options::default() };
        Client::open(self.network.clone(), store, self.peers()?, signer, options)
            .map_err(|why| CliError::telling(Code::General, &why))
    }

    fn peers(&self) -> Result<Vec<GrpcPeer>, CliError> {
        let members = self.network.genesis().committee.validators().iter();
        let peer = |address: &str| GrpcPeer::new(address, PeerSettings::default());
        let peers = members.map(|member| peer(&member.address)).collect::<Result<_, _>>();
        peers.map_err(|why| CliError::telling(Code::General, &why))
    }

    /// Who owns the bank's chain.
    pub(super) fn banker(&self) -> Result<Owner, CliError> {
        let owner = self.wallet_keys.owners().first().copied();
        owner.ok_or_else(|| CliError::new(Code::NotFound, "the wallet of the network has no key"))
    }

    /// How many validators there are.
    pub(super) fn validators(&self) -> usize {
        self.validators.len()
    }

    /// Stops the last `count` validators until the answer is dropped. What is measured meanwhile leaves them out.
    pub(super) fn stop_validators(&mut self, count: usize) -> Result<Vec<Stopped>, CliError> {
        let running = self.validators.len().saturating_sub(count);
        self.validators[running..]
            .iter_mut()
            .map(|validator| {
                validator.is_stopped = true;
                validator.process.stop()
            })
            .collect()
    }

    /// What everybody has used up to now.
    pub(super) fn sample(&self) -> Result<Sample, CliError> {
        let validators = self.measured().map(|validator| validator.process.usage()).collect::<Result<_, _>>()?;
        Ok(Sample { at: Instant::now(), client: Process::this().usage()?, validators })
    }

    /// What the stores of the measured validators take when they are tidied up, on average. They must be at rest.
    pub(super) fn tidy_store_bytes(&self, progress: &Progress) -> Result<u64, CliError> {
        progress.say("tidying up copies of the stores");
        let bytes =
            self.measured().map(|validator| disk::tidy_bytes(&validator.store, &self.network, self.scratch.path()));
        let bytes = bytes.collect::<Result<Vec<u64>, _>>()?;
        Ok(bytes.iter().sum::<u64>() / u64::try_from(bytes.len()).unwrap_or(1).max(1))
    }

    fn measured(&self) -> impl Iterator<Item = &Validator> {
        self.validators.iter().filter(|validator| !validator.is_stopped)
    }
}

impl Validator {
    /// Whoever holds a validator's store is that validator.
    fn find(store: &Path) -> Result<Validator, CliError> {
        match Lock::take(store) {
            Err(LockError::Held { holder: Some(holder), .. }) => {
                Ok(Validator { process: Process::new(holder.process), store: store.into(), is_stopped: false })
            }
            Err(LockError::Io { .. } | LockError::Held { .. }) | Ok(_) => {
                let dir = store.parent().and_then(Path::parent).unwrap_or(store).display();
                Err(CliError::new(Code::Unreachable, format_args!("nobody runs the validator of {}", store.display()))
                    .hint(format!("start the network first: myceline net up --validators 4 --dir {dir}")))
            }
        }
    }
}

impl Sample {
    /// What was used between an earlier sample and this one.
    pub(super) fn since(&self, earlier: &Sample) -> Sample {
        let pairs = self.validators.iter().zip(&earlier.validators);
        Sample {
            at: self.at,
            client: self.client.since(earlier.client),
            validators: pairs.map(|(later, earlier)| later.since(*earlier)).collect(),
        }
    }
}
