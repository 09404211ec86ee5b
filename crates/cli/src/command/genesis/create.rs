//! `myceline genesis create`: collects validators into a committee and chains into a network.

use crate::{CliError, Code, Context, command::validator::PublicPart, output::style};
use myceline_types::{
    Amount, ChainConfig, ChainId, Committee, Genesis, Hash, NetworkId, Owner, Ownership, Permissions, Resilience,
    Timestamp, genesis::PROTOCOL_VERSION,
};
use serde::Serialize;
use std::{
    fmt,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// Make a network out of validators and first chains
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline genesis create --name mynet --validator v0/validator.json v1/validator.json v2/validator.json v3/validator.json \\
      --chain ed25519:…=1000000 --output genesis.json
The first chain is the network's admin chain.")]
pub struct Create {
    /// What people call the network
    #[arg(long, default_value = "myceline")]
    name: String,
    /// Public parts of validators, as made by `validator init`
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    validator: Vec<PathBuf>,
    /// A first chain: its owner and its tokens
    #[arg(long = "chain", value_name = "OWNER=TOKENS", required = true, value_parser = parse_chain)]
    chains: Vec<(Owner, Amount)>,
    /// Public chains besides, which the validators lead
    #[arg(long, value_name = "N", default_value_t = 0)]
    public: u16,
    /// A fifth may be faulty and a fifth slow, instead of a third faulty and none slow
    #[arg(long)]
    fast: bool,
    #[command(flatten)]
    policy: super::PolicyArguments,
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = "genesis.json")]
    output: PathBuf,
}

/// What was made.
#[derive(Serialize)]
struct Made {
    genesis: PathBuf,
    network: NetworkId,
    chains: Vec<ChainId>,
}

impl Create {
    /// Makes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let members = self.validator.iter().map(|path| Ok(PublicPart::read(path)?.into_member()));
        let members = members.collect::<Result<Vec<_>, CliError>>()?;
        let resilience = if self.fast { Resilience::Fast } else { Resilience::Classic };
        let committee = Committee::new(members, resilience).map_err(|error| CliError::telling(Code::Usage, &error))?;
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| CliError::telling(Code::General, &error))?;
        let public = (0..self.public).map(|_| public_chain());
        let genesis = Genesis {
            name: self.name,
            protocol: PROTOCOL_VERSION,
            timestamp: now(),
            committee,
            policy: self.policy.read()?,
            chains: self.chains.iter().map(|(owner, balance)| first_chain(*owner, *balance)).chain(public).collect(),
            salt: Hash(salt),
        };
        genesis.check().map_err(|error| CliError::telling(Code::Usage, &error))?;
        super::write(&self.output, &genesis)?;
        let chains = genesis.descriptions().map(|description| description.id()).collect();
        context.output.report(&Made { genesis: self.output, network: genesis.network(), chains })
    }
}

/// A chain of one owner, who may use the fast round.
pub(crate) fn first_chain(owner: Owner, balance: Amount) -> ChainConfig {
    ChainConfig { ownership: Ownership::single_fast(owner), permissions: Permissions::default(), balance }
}

/// A chain that the validators lead, with nothing on it.
pub(crate) fn public_chain() -> ChainConfig {
    ChainConfig { ownership: Ownership::public(), permissions: Permissions::default(), balance: Amount::ZERO }
}

fn parse_chain(text: &str) -> Result<(Owner, Amount), String> {
    let (owner, tokens) = text.split_once('=').ok_or("expected OWNER=TOKENS, such as ed25519:…=1000")?;
    Ok((owner.parse().map_err(|error| format!("{error}"))?, tokens.parse().map_err(|error| format!("{error}"))?))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Network {} is in {}", style::strong(self.network), self.genesis.display())?;
        write!(f, "Its first chains:")?;
        self.chains.iter().try_for_each(|chain| write!(f, "\n  {chain}"))
    }
}
