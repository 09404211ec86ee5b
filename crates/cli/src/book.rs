//! The list of a wallet's chains, for the node that keeps them: whoever holds the wallet's lock changes it here.

use crate::{
    CliError,
    wallet::{Folder, Wallet, WalletChain, WalletError, WalletLock},
};
use myceline_client::MessagePolicy;
use myceline_service::{Book, Failure, call::KnownChain};
use myceline_types::{ApplicationId, ChainId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A wallet and the right to change it.
#[derive(Debug)]
pub struct WalletBook {
    wallet: Mutex<Wallet>,
    folder: Folder,
    lock: Arc<WalletLock>,
}

impl WalletBook {
    /// This wallet, in this folder.
    pub fn new(wallet: Wallet, folder: Folder, lock: Arc<WalletLock>) -> WalletBook {
        WalletBook { wallet: Mutex::new(wallet), folder, lock }
    }

    /// Changes the wallet. What cannot be written down is not known either.
    fn change(&self, change: impl FnOnce(&mut Wallet) -> Result<(), WalletError>) -> Result<(), Failure> {
        let mut wallet = self.wallet();
        let mut changed = wallet.clone();
        change(&mut changed).map_err(CliError::from)?;
        changed.save(&self.lock, &self.folder).map_err(CliError::from)?;
        *wallet = changed;
        Ok(())
    }

    fn wallet(&self) -> MutexGuard<'_, Wallet> {
        self.wallet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book for WalletBook {
    fn known(&self) -> Result<Vec<KnownChain>, Failure> {
        let wallet = self.wallet();
        let default = wallet.default_chain().ok();
        let known = |(chain, known): (&_, &WalletChain)| KnownChain {
            chain: *chain,
            name: known.name.clone(),
            owner: known.owner,
            is_default: default == Some(*chain),
        };
        Ok(wallet.chains().iter().map(known).collect())
    }

    fn keep(&self, known: KnownChain) -> Result<(), Failure> {
        let KnownChain { chain, name, owner, .. } = known;
        self.change(|wallet| wallet.put(chain, WalletChain { name, owner }))
    }

    fn name_application(&self, name: &str, id: ApplicationId) -> Result<(), Failure> {
        self.change(|wallet| wallet.name_application(name, id))
    }

    fn set_policy(&self, chain: ChainId, policy: &MessagePolicy) -> Result<(), Failure> {
        self.change(|wallet| wallet.set_policy(chain, policy.clone()))
    }
}
