//! What every command gets beside its own arguments: where to tell, and the wallet that it is about.

use crate::{
    CliError, Code,
    keystore::{Keys, Keystore},
    live::held_by_service,
    output::Output,
    pass::Pass,
    password::PasswordSource,
    wallet::{Folder, WalletLock},
};
use std::time::Duration;

/// What every command gets beside its own arguments.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where to tell what happened.
    pub output: Output,
    /// The wallet's folder; it need not exist.
    pub folder: Folder,
    /// How long to wait for another command that uses the wallet.
    pub patience: Duration,
    /// Where the password of the wallet's keys comes from.
    pub passwords: PasswordSource,
}

impl Context {
    /// Takes the wallet for this command alone, after waiting for whoever has it. A service is not waited for.
    pub fn lock_wallet(&self) -> Result<WalletLock, CliError> {
        if let Ok(lock) = self.folder.lock(Duration::ZERO, |_| ()) {
            return Ok(lock);
        }
        if let Some(pass) = Pass::read(&self.folder)?.filter(Pass::is_alive) {
            return Err(held_by_service(&pass.url()));
        }
        let note = |holder: &str| self.output.note(format_args!("waiting for {holder}, which uses this wallet"));
        Ok(self.folder.lock(self.patience, note)?)
    }

    /// Says no where the folder has a wallet.
    pub fn refuse_second_wallet(&self) -> Result<(), CliError> {
        if !self.folder.wallet().exists() {
            return Ok(());
        }
        let what = format!("{} has a wallet already", self.folder.path().display());
        Err(CliError::new(Code::Usage, what).hint("choose another folder with --wallet"))
    }

    /// The keys of the wallet, unlocked. A wallet that only looks has none.
    pub fn keys_if_any(&self) -> Result<Keys, CliError> {
        let path = self.folder.keys();
        if path.exists() { self.unlock_keys() } else { Ok(Keys::create(&path, None)?) }
    }

    /// The keys of the wallet, unlocked.
    pub fn unlock_keys(&self) -> Result<Keys, CliError> {
        let keystore = Keystore::open(&self.folder.keys())?;
        keystore.unlock(|| Ok(self.passwords.existing()?))
    }
}
