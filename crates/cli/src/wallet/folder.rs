//! The folder of a wallet, and the lock by which one command at a time changes what is in it.
//!
//! ```text
//! folder/wallet.json   network, chains and their names
//! folder/keys.json     the owners' secrets
//! folder/store/        blocks and state of the local node
//! folder/lock          who uses the wallet now
//! folder/service.json  where a service that has the wallet is, while it runs
//! ```

use super::WalletError;
use crate::document;
use etcetera::BaseStrategy as _;
use myceline_storage::embedded::{Lock, LockError};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Most commands are done sooner than this, and nobody wants to read about them.
const MOMENT: Duration = Duration::from_secs(1);

/// The folder of a wallet. It need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

/// Held while one command uses a wallet. Dropping it lets the next one in.
#[derive(Debug)]
pub struct WalletLock {
    _lock: Lock,
}

impl Folder {
    /// The wallet in this folder.
    pub fn new(path: PathBuf) -> Folder {
        Folder { path }
    }

    /// The wallet of whoever runs this: `myceline` in the folder where the platform keeps data of programs.
    pub fn of_this_user() -> Result<Folder, WalletError> {
        let strategy = etcetera::choose_base_strategy().map_err(|_| WalletError::NoHome)?;
        Ok(Folder::new(strategy.data_dir().join("myceline")))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the wallet.
    pub fn wallet(&self) -> PathBuf {
        self.path.join("wallet.json")
    }

    /// The file of the keystore.
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys.json")
    }

    /// The folder of the local node's store.
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// The file in which a service says where it is.
    pub fn pass(&self) -> PathBuf {
        self.path.join("service.json")
    }

    /// Takes the wallet for one command alone and makes its folder if there is none. While another command has it, waits
    /// for at most `patience`, and where that takes longer than a moment says who it is.
    pub fn lock(&self, patience: Duration, say: impl FnOnce(&str)) -> Result<WalletLock, WalletError> {
        document::make_private_folder(&self.path)?;
        let lock = match self.take_within(patience.min(MOMENT)) {
            Err(LockError::Held { holder, .. }) if patience > MOMENT => {
                say(&holder.map_or("another command".into(), |holder| holder.to_string()));
                self.take_within(patience - MOMENT)
            }
            result => result,
        };
        let lock = WalletLock { _lock: lock? };
        tracing::debug!(folder = %self.path.display(), "holds the wallet");
        Ok(lock)
    }

    fn take_within(&self, patience: Duration) -> Result<Lock, LockError> {
        if patience.is_zero() { Lock::take(&self.path) } else { Lock::take_within(&self.path, patience) }
    }
}
