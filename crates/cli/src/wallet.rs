//! A wallet: which network it is for, which chains it follows, and what it calls them.
//!
//! Secrets are in the [keystore](crate::keystore) beside it and blocks in the store of the local node; this is neither.

mod backup;
mod error;
mod folder;

pub use backup::Backup;
pub use error::WalletError;
pub use folder::{Folder, WalletLock};

use crate::document::{self, DocumentError, Kind};
use myceline_client::MessagePolicy;
use myceline_types::{ApplicationId, ChainId, Genesis, Owner};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-wallet", version: 1, is_secret: true };

/// So many digits of an id can stand for it where no other chain of the wallet begins with them.
const PREFIX_DIGITS_MIN: usize = 4;
/// Longer names make no tables.
const NAME_CHARS_MAX: usize = 32;

/// Which network a wallet is for, and its chains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    genesis: Genesis,
    default_chain: Option<ChainId>,
    chains: BTreeMap<ChainId, WalletChain>,
    #[serde(default)]
    applications: BTreeMap<String, ApplicationId>,
    /// What becomes of what others send, where the owner has said so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    policies: BTreeMap<ChainId, MessagePolicy>,
}

/// What a wallet knows about a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletChain {
    /// What its owner calls it.
    pub name: Option<String>,
    /// For whom the keystore signs on it; nobody where the chain is only followed.
    pub owner: Option<Owner>,
}

impl Wallet {
    /// A wallet for a network, without chains.
    pub fn new(genesis: Genesis) -> Wallet {
        Wallet {
            genesis,
            default_chain: None,
            chains: BTreeMap::new(),
            applications: BTreeMap::new(),
            policies: BTreeMap::new(),
        }
    }

    /// Reads the wallet in a folder. Reading needs no lock: what it finds is whole.
    pub fn open(folder: &Folder) -> Result<Wallet, WalletError> {
        document::read(&folder.wallet(), KIND).map_err(|error| match error {
            DocumentError::NotFound { .. } => WalletError::NoWallet { folder: folder.path().into() },
            error => error.into(),
        })
    }

    /// Writes the wallet into its folder. Whoever changes a wallet holds its lock from before it was read.
    pub fn save(&self, _lock: &WalletLock, folder: &Folder) -> Result<(), WalletError> {
        Ok(document::write(&folder.wallet(), KIND, self)?)
    }

    /// The network.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The chains, in the order of their ids.
    pub fn chains(&self) -> &BTreeMap<ChainId, WalletChain> {
        &self.chains
    }

    /// What the wallet calls applications.
    pub fn applications(&self) -> &BTreeMap<String, ApplicationId> {
        &self.applications
    }

    /// The application that a person means: by its name or its id.
    pub fn find_application(&self, text: &str) -> Result<ApplicationId, WalletError> {
        let named = self.applications.get(text).copied();
        named.or_else(|| text.parse().ok()).ok_or_else(|| WalletError::NoApplication { text: text.into() })
    }

    /// Calls an application so. Another one that was called so, as an earlier version may be, loses the name.
    pub fn name_application(&mut self, name: &str, id: ApplicationId) -> Result<(), WalletError> {
        check_form(name)?;
        self.applications.insert(name.into(), id);
        Ok(())
    }

    /// What becomes of what others send to chains, where that is not the default.
    pub fn policies(&self) -> &BTreeMap<ChainId, MessagePolicy> {
        &self.policies
    }

    /// Says what becomes of what others send to a chain. It must be in the wallet.
    pub fn set_policy(&mut self, id: ChainId, policy: MessagePolicy) -> Result<(), WalletError> {
        self.must_have(id)?;
        if policy == MessagePolicy::default() {
            self.policies.remove(&id);
        } else {
            self.policies.insert(id, policy);
        }
        Ok(())
    }

    /// The chain that a command means when it names none.
    pub fn default_chain(&self) -> Result<ChainId, WalletError> {
        self.default_chain.ok_or(WalletError::NoDefault)
    }

    /// The chain that a person means: by its name, its id, or the beginning of its id.
    pub fn find(&self, text: &str) -> Result<ChainId, WalletError> {
        if let Some((id, _)) = self.chains.iter().find(|(_, chain)| chain.name.as_deref() == Some(text)) {
            return Ok(*id);
        }
        let fits = |id: &&ChainId| text.len() >= PREFIX_DIGITS_MIN && id.to_string().starts_with(text);
        let mut fitting = self.chains.keys().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(id), None) => Ok(*id),
            (Some(_), Some(_)) => Err(WalletError::Ambiguous { text: text.into() }),
            (None, _) => Err(WalletError::NoChain { text: text.into() }),
        }
    }

    /// The chain that a person means, which need not be in the wallet where its whole id is given; the default one where
    /// nothing is said.
    pub fn chain(&self, named: Option<&str>) -> Result<ChainId, WalletError> {
        match named {
            Some(text) => self.find(text).or_else(|error| text.parse().map_err(|_| error)),
            None => self.default_chain(),
        }
    }

    /// Adds a chain, or says something new about it. The first one becomes the default.
    pub fn put(&mut self, id: ChainId, chain: WalletChain) -> Result<(), WalletError> {
        if let Some(name) = &chain.name {
            self.check_name(id, name)?;
        }
        self.chains.insert(id, chain);
        self.default_chain.get_or_insert(id);
        Ok(())
    }

    /// Names the chain that a command means when it names none. It must be in the wallet.
    pub fn set_default(&mut self, id: ChainId) -> Result<(), WalletError> {
        self.must_have(id)?;
        self.default_chain = Some(id);
        Ok(())
    }

    /// Forgets a chain. The chain itself lives on, and so does the key of its owner.
    pub fn forget(&mut self, id: ChainId) -> Result<WalletChain, WalletError> {
        self.must_have(id)?;
        self.default_chain = self.default_chain.filter(|default| *default != id);
        self.policies.remove(&id);
        Ok(self.chains.remove(&id).unwrap_or_default())
    }

    fn must_have(&self, id: ChainId) -> Result<(), WalletError> {
        self.chains.contains_key(&id).then_some(()).ok_or_else(|| WalletError::NoChain { text: id.to_string() })
    }

    fn check_name(&self, id: ChainId, name: &str) -> Result<(), WalletError> {
        check_form(name)?;
        let is_taken = self.chains.iter().any(|(other, chain)| *other != id && chain.name.as_deref() == Some(name));
        if is_taken { Err(WalletError::NameTaken { name: name.into() }) } else { Ok(()) }
    }
}

/// A name that can be typed and shown well.
fn check_form(name: &str) -> Result<(), WalletError> {
    let is_sign = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.');
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_sign) {
        return Err(WalletError::BadName { name: name.into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
