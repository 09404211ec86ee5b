//! `myceline validator init`: makes a validator's key, its configuration, and the part that others may know.

use crate::{
    CliError, Code, Context,
    document::{self, Kind, make_private_folder},
    output::style,
};
use myceline_types::{Owner, Validator as Member, ValidatorKey, crypto::ValidatorSecret};
use myceline_validator::Config;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What the file of the public part calls itself.
const PUBLIC_KIND: Kind = Kind { format: "myceline-validator", version: 1, is_secret: false };
/// What the configuration calls itself.
pub(crate) const CONFIG_KIND: Kind = Kind { format: "myceline-validator-config", version: 1, is_secret: false };
/// What the file of the secret key calls itself.
pub(crate) const KEY_KIND: Kind = Kind { format: "myceline-validator-key", version: 1, is_secret: true };

/// Make a validator: its key, its configuration and its public part
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline validator init --dir v0 --listen 0.0.0.0:9000 --address http://v0.example:9000
  myceline genesis create --validator v*/validator.json --output genesis.json
  myceline validator run --config v0/config.json")]
pub struct Init {
    /// Where to put it: a folder that does not exist yet or is empty
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Where to listen for clients
    #[arg(long, value_name = "IP:PORT")]
    listen: SocketAddr,
    /// How clients reach it [default: http:// and the listening address]
    #[arg(long, value_name = "URI")]
    address: Option<String>,
    /// Where to serve metrics, health and readiness
    #[arg(long, value_name = "IP:PORT")]
    monitor: Option<SocketAddr>,
    /// What its votes weigh
    #[arg(long, default_value_t = 1)]
    weight: u64,
    /// Where the network's genesis will be
    #[arg(long, value_name = "FILE", default_value = "../genesis.json")]
    genesis: PathBuf,
}

/// What others may know of a validator: what a committee is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublicPart {
    /// Its public key.
    pub key: ValidatorKey,
    /// The Ethereum address of that key.
    pub account: Owner,
    /// What its votes weigh.
    pub weight: u64,
    /// How clients reach it.
    pub address: String,
}

/// The secret key, in a file of its own.
#[derive(Serialize, Deserialize)]
pub(crate) struct SecretPart {
    pub(crate) secret: String,
}

/// What is needed to write a validator's folder.
pub(crate) struct Making<'a> {
    pub(crate) dir: &'a Path,
    pub(crate) secret: &'a ValidatorSecret,
    pub(crate) config: &'a Config,
    pub(crate) weight: u64,
    pub(crate) address: String,
}

/// What was made.
#[derive(Serialize)]
struct Made {
    config: PathBuf,
    validator: PathBuf,
    key: ValidatorKey,
    account: Owner,
}

impl Init {
    /// Makes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        if self.dir.join("config.json").exists() {
            return Err(CliError::new(Code::Usage, format_args!("{} has a validator already", self.dir.display()))
                .hint("choose another folder with --dir"));
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| CliError::telling(Code::General, &error))?;
        let secret = ValidatorSecret::from_seed(seed);
        let config = Config {
            genesis: self.genesis.clone(),
            key: "key.json".into(),
            store: "store".into(),
            listen: self.listen,
            monitor: self.monitor,
            workers: None,
            insecure_key: false,
        };
        let address = self.address.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        let public = make(&Making { dir: &self.dir, secret: &secret, config: &config, weight: self.weight, address })?;
        context.output.report(&Made {
            config: self.dir.join("config.json"),
            validator: self.dir.join("validator.json"),
            key: public.key,
            account: public.account,
        })
    }
}

/// Writes a validator's folder.
pub(crate) fn make(making: &Making<'_>) -> Result<PublicPart, CliError> {
    let Making { dir, secret, config, weight, address } = making;
    make_private_folder(dir)?;
    let public =
        PublicPart { key: secret.public(), account: secret.address(), weight: *weight, address: address.clone() };
    document::write(&dir.join("key.json"), KEY_KIND, &SecretPart { secret: hex::encode(secret.expose()) })?;
    document::write(&dir.join("config.json"), CONFIG_KIND, config)?;
    document::write(&dir.join("validator.json"), PUBLIC_KIND, &public)?;
    Ok(public)
}

impl PublicPart {
    /// Reads the public part that `validator init` wrote.
    pub(crate) fn read(path: &Path) -> Result<PublicPart, CliError> {
        Ok(document::read(path, PUBLIC_KIND)?)
    }

    /// As a member of a committee.
    pub(crate) fn into_member(self) -> Member {
        let PublicPart { key, account, weight, address } = self;
        Member { key, account, weight, address }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Made a validator with key {}", style::strong(self.key))?;
        writeln!(f, "  its configuration: {}", self.config.display())?;
        write!(f, "  what others may know: {}", self.validator.display())
    }
}
