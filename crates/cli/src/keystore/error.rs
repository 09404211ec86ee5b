//! Why a keystore does not do what it was asked for.

use crate::{CliError, Code, document::DocumentError};
use myceline_types::Owner;
use std::path::PathBuf;

/// Why a keystore does not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// The file cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// There is one: unlock it and add to it.
    #[error("{} is there already", path.display())]
    AlreadyThere {
        /// The file.
        path: PathBuf,
    },
    /// Try again; whoever forgot the password has lost the keys.
    #[error("the password does not open {}", path.display())]
    WrongPassword {
        /// The file.
        path: PathBuf,
    },
    /// Its secret is elsewhere: import it, or use the wallet that has it.
    #[error("the keystore has no key of {owner}")]
    NoKey {
        /// Who was to sign.
        owner: Owner,
    },
    /// Without randomness there are no keys.
    #[error("the operating system gives no randomness")]
    Randomness(#[source] getrandom::Error),
}

impl From<KeystoreError> for CliError {
    fn from(error: KeystoreError) -> CliError {
        let told = |code| CliError::telling(code, &error);
        match error {
            KeystoreError::Document(error) => error.into(),
            KeystoreError::AlreadyThere { .. } => told(Code::General),
            KeystoreError::WrongPassword { .. } => {
                told(Code::Locked).hint("--password-file FILE, or MYCELINE_PASSWORD, with the password of this wallet")
            }
            KeystoreError::NoKey { .. } => {
                told(Code::NotFound).hint("name the wallet that has the key with --wallet DIR")
            }
            KeystoreError::Randomness(_) => told(Code::General),
        }
    }
}
