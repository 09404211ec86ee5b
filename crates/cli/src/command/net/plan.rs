//! What a network on this machine is made of: everything follows from a seed, so that everybody gets the same ids.

use crate::{
    CliError, Code,
    command::{
        genesis::{self, first_chain, public_chain},
        validator::{MONITOR_FILE, Making, make},
    },
    keystore::Keys,
    wallet::{Folder, Wallet, WalletChain},
};
use myceline_types::{
    Amount, ChainDescription, ChainId, Committee, Genesis, Hash, Leaders, Policy, Resilience, Timestamp,
    crypto::OwnerSecret, crypto::ValidatorSecret, genesis::PROTOCOL_VERSION,
};
use myceline_validator::Config;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

/// When networks made from a seed begin: a time that is past on every clock.
const BEGINNING: Timestamp = Timestamp(1_700_000_000_000_000);
/// How long another process may have the wallet of a network that is being made.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The ports to choose from where none is named.
const PORTS: Range<u16> = 10_000..32_000;
/// How far apart two processes begin to look for ports.
const PORTS_OF_A_PROCESS: u32 = 16;

/// A network on this machine.
pub(crate) struct Plan {
    /// Where everything of it is.
    pub(crate) dir: PathBuf,
    /// Where its validators are configured.
    pub(crate) configs: Vec<PathBuf>,
    /// What it starts from.
    pub(crate) genesis: Genesis,
}

/// What a new network is to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// How many validators.
    pub(crate) validators: u16,
    /// What everything follows from.
    pub(crate) seed: u64,
    /// The port of the first validator; the others follow. Zero takes any that are free, and makes ids of its own.
    pub(crate) port: u16,
    /// How many public chains, which the validators lead.
    pub(crate) public: u16,
    /// The wallets that come with it, each with one of the first chains.
    pub(crate) wallets: &'static [FirstWallet],
    /// What things cost and how large they may be.
    pub(crate) policy: Policy,
    /// The servers that contracts may ask besides those of the policy, those of this machine included.
    pub(crate) servers: Vec<String>,
}

/// The one wallet of a network that is not made for a purpose of its own.
pub(crate) const MAIN: FirstWallet =
    FirstWallet { folder: "wallet", chain: "main", funds: Amount::from_tokens(1_000_000_000) };

/// A wallet that comes with a network, and what is in it.
#[derive(Debug)]
pub(crate) struct FirstWallet {
    /// The wallet's folder, in that of the network.
    pub(crate) folder: &'static str,
    /// What the wallet calls its chain.
    pub(crate) chain: &'static str,
    /// What is on that chain.
    pub(crate) funds: Amount,
}

impl Plan {
    /// The network in a folder: made now if the folder has none.
    pub(crate) fn open(dir: &Path, wanted: Wanted) -> Result<Plan, CliError> {
        if !dir.join("genesis.json").exists() {
            make_network(dir, wanted)?;
        }
        Plan::existing(dir)
    }

    /// The network that was made in a folder.
    pub(crate) fn existing(dir: &Path) -> Result<Plan, CliError> {
        let genesis = genesis::read(&dir.join("genesis.json"))?;
        let count = genesis.committee.validators().len();
        let configs = (0..count).map(|index| validator_dir(dir, index).join("config.json")).collect();
        Ok(Plan { dir: dir.into(), configs, genesis })
    }

    /// A wallet that came with the network.
    pub(crate) fn wallet(&self, wallet: &FirstWallet) -> Folder {
        Folder::new(self.dir.join(wallet.folder))
    }

    /// Where a validator says what happens to it.
    pub(crate) fn log(&self, index: usize) -> PathBuf {
        self.configs[index].with_file_name("log")
    }

    /// Where a validator is watched, once it runs.
    pub(crate) fn monitor(&self, index: usize) -> Option<String> {
        let address = std::fs::read_to_string(self.configs[index].with_file_name(MONITOR_FILE)).ok()?;
        Some(format!("http://{}", address.trim()))
    }

    /// The public chains.
    pub(crate) fn public(&self) -> Vec<ChainId> {
        let is_public = |description: &ChainDescription| description.config.ownership.leaders == Leaders::Validators;
        self.genesis.descriptions().filter(is_public).map(|description| description.id()).collect()
    }

    /// The first chain, which has the funds.
    pub(crate) fn chain(&self) -> Option<ChainId> {
        self.genesis.admin_chain()
    }
}

fn validator_dir(dir: &Path, index: usize) -> PathBuf {
    dir.join(format!("validator-{index}"))
}

fn make_network(dir: &Path, wanted: Wanted) -> Result<(), CliError> {
    let ports = ports(&wanted)?;
    let mut members = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let secret = ValidatorSecret::from_seed(secret_of(wanted.seed, "validator", index));
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), *port);
        let config = Config {
            genesis: "../genesis.json".into(),
            key: "key.json".into(),
            store: "store".into(),
            listen,
            // Any free port: the validator says which in a file of its own.
            monitor: Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)),
            workers: None,
            insecure_key: true,
        };
        let address = format!("http://{listen}");
        let making = Making { dir: &validator_dir(dir, index), secret: &secret, config: &config, weight: 1, address };
        members.push(make(&making)?.into_member());
    }
    let committee =
        Committee::new(members, Resilience::Classic).map_err(|error| CliError::telling(Code::Usage, &error))?;
    let owners = || (0..).map(|index| OwnerSecret::from_seed(secret_of(wanted.seed, "owner", index)));
    let chains = wanted.wallets.iter().zip(owners()).map(|(wallet, owner)| first_chain(owner.owner(), wallet.funds));
    let genesis = Genesis {
        name: format!("local-{}", wanted.seed),
        protocol: PROTOCOL_VERSION,
        timestamp: BEGINNING,
        committee,
        policy: local_policy(wanted.policy, wanted.servers),
        chains: chains.chain((0..wanted.public).map(|_| public_chain())).collect(),
        salt: Hash::of_value("local network", &wanted.seed),
    };
    for ((wallet, owner), chain) in wanted.wallets.iter().zip(owners()).zip(genesis.descriptions()) {
        make_wallet(&Folder::new(dir.join(wallet.folder)), &genesis, owner, (chain.id(), wallet.chain))?;
    }
    genesis::write(&dir.join("genesis.json"), &genesis)
}

/// A policy under which servers of this machine may be asked, too.
fn local_policy(mut policy: Policy, servers: Vec<String>) -> Policy {
    policy.web.servers.extend(servers);
    policy.web.allows_private = true;
    policy
}

/// A wallet whose key lies open, since it follows from the seed anyway.
fn make_wallet(
    folder: &Folder,
    genesis: &Genesis,
    secret: OwnerSecret,
    (chain, name): (ChainId, &str),
) -> Result<(), CliError> {
    let lock = folder.lock(LOCK_WAIT, |_| ())?;
    let owner = Keys::create(&folder.keys(), None)?.add(secret)?;
    let mut wallet = Wallet::new(genesis.clone());
    wallet.put(chain, WalletChain { name: Some(name.into()), owner: Some(owner) })?;
    Ok(wallet.save(&lock, folder)?)
}

fn secret_of(seed: u64, role: &'static str, index: usize) -> [u8; 32] {
    Hash::of_value("myceline local network", &(seed, role, index as u64)).0
}

/// The validators' ports: in a row from the first, or any that are free.
fn ports(wanted: &Wanted) -> Result<Vec<u16>, CliError> {
    if wanted.port != 0 {
        let out_of_ports = || CliError::new(Code::Usage, "there are not so many ports after the first");
        return (0..wanted.validators).map(|index| wanted.port.checked_add(index).ok_or_else(out_of_ports)).collect();
    }
    free_ports(wanted.validators.into())
}

/// Ports that nobody listens at. They lie below those that systems give to outgoing connections, since one of these could
/// take a port between this look and the validator's start; and every process begins to look at a place of its own.
fn free_ports(count: usize) -> Result<Vec<u16>, CliError> {
    let candidates = PORTS.end - PORTS.start;
    let first = std::process::id().wrapping_mul(PORTS_OF_A_PROCESS) % u32::from(candidates);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let in_turn = PORTS.cycle().skip(first as usize).take(candidates.into());
    let free: Vec<u16> = in_turn.filter(is_free).take(count).collect();
    if free.len() < count {
        return Err(
            CliError::new(Code::General, "this machine has not so many free ports").hint("name the first with --port")
        );
    }
    Ok(free)
}
