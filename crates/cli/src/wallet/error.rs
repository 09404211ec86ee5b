//! Why a wallet does not do what it was asked for.

use crate::{CliError, Code, document::DocumentError};
use myceline_storage::embedded::LockError;
use std::path::PathBuf;

/// Why a wallet does not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// The file cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Another command has the wallet, or the lock failed.
    #[error("cannot use the wallet")]
    Lock(#[from] LockError),
    /// Make one first.
    #[error("there is no wallet in {}", folder.display())]
    NoWallet {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Without a home, the folder must be named.
    #[error("this user has no home folder to keep a wallet in")]
    NoHome,
    /// The wallet follows no chain of this name or id.
    #[error("the wallet has no chain {text:?}")]
    NoChain {
        /// What was asked for.
        text: String,
    },
    /// The wallet knows no application of this name, and it is no id.
    #[error("the wallet calls no application {text:?}, and it is no id of 64 hex digits")]
    NoApplication {
        /// What was asked for.
        text: String,
    },
    /// Two chains begin so: type more digits.
    #[error("more than one chain of the wallet begins with {text:?}")]
    Ambiguous {
        /// What was asked for.
        text: String,
    },
    /// No chain was named, and none is the default.
    #[error("the wallet has no default chain")]
    NoDefault,
    /// Another chain has the name.
    #[error("another chain of the wallet is called {name:?}")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The name cannot be typed or shown well.
    #[error("{name:?} is no name: at most 32 letters, digits, '-', '_' or '.'")]
    BadName {
        /// The name.
        name: String,
    },
}

impl From<WalletError> for CliError {
    fn from(error: WalletError) -> CliError {
        let told = |code| CliError::telling(code, &error);
        match error {
            WalletError::Document(error) => error.into(),
            WalletError::Lock(LockError::Held { .. }) => {
                told(Code::Busy).hint("the same command with --wait 60s, or another wallet with --wallet DIR")
            }
            WalletError::Lock(LockError::Io { .. }) => told(Code::General),
            WalletError::NoWallet { .. } | WalletError::NoHome => {
                told(Code::NotFound).hint("name the folder of a wallet with --wallet DIR or MYCELINE_WALLET")
            }
            WalletError::NoChain { .. } | WalletError::NoDefault => told(Code::NotFound),
            WalletError::NoApplication { .. } => {
                told(Code::NotFound).hint("see which applications have a name: myceline wallet show")
            }
            WalletError::Ambiguous { .. } | WalletError::NameTaken { .. } | WalletError::BadName { .. } => {
                told(Code::Usage)
            }
        }
    }
}
