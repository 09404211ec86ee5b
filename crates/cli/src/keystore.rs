//! Owners' secrets in a file, encrypted by default. What is public, the owners, can be listed without the password.
//!
//! The file, `keys.json`, is a [`document`] of version 1 with two fields:
//!
//! ```json
//! "protection": { "kind": "password", "memory_kib": 47104, "passes": 1, "lanes": 1, "salt": "…", "check": "…" },
//! "keys": [ { "owner": "ed25519:…", "secret": "…" } ]
//! ```
//!
//! Argon2id (version 0x13) makes a key of 32 bytes from the password, with cost and salt as stated. Under this key, and
//! for one purpose each, XChaCha20-Poly1305 seals texts; a sealed text is a nonce of 24 random bytes, then ciphertext and
//! tag, in hex. The purpose is authenticated with it: `myceline-keys/1/check` for `check`, which seals nothing and tells a
//! wrong password from damage, and `myceline-keys/1/OWNER` for the 32 bytes of that owner's secret, so that rows cannot
//! trade places. With `"protection": { "kind": "none" }` secrets are plain hex: for tests.

mod error;
mod file;
mod seal;

pub use error::KeystoreError;
pub use seal::Password;

use crate::document::{self, DocumentError, Kind};
use file::{Content, Protection, Row};
use myceline_types::{
    Hash, Owner, OwnerSignature,
    crypto::{Ed25519Secret, EthereumSecret, OwnerSecret},
    encoding::Opaque,
};
use seal::Sealer;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-keys", version: 1, is_secret: true };

/// A keystore as it lies on disk: it says who its owners are and nothing else.
#[derive(Debug)]
pub struct Keystore {
    path: PathBuf,
    content: Content,
}

/// An unlocked keystore: it signs for its owners.
pub struct Keys {
    path: PathBuf,
    content: Content,
    sealer: Option<Sealer>,
    secrets: BTreeMap<Owner, OwnerSecret>,
}

/// The keys of a keystore as they lie in its file: sealed where a password protects them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredKeys(Content);

/// The two kinds of keys that a keystore makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyKind {
    /// Signs fast, in every validator and browser
    Ed25519,
    /// The owner is an Ethereum address
    Ethereum,
}

impl Keystore {
    /// Opens the keystore at `path`, still locked.
    pub fn open(path: &Path) -> Result<Keystore, KeystoreError> {
        let content: Content = document::read(path, KIND)?;
        Ok(Keystore { path: path.into(), content })
    }

    /// Whose secrets it holds, in the order in which they came.
    pub fn owners(&self) -> impl Iterator<Item = Owner> {
        self.content.keys.iter().map(|row| row.owner)
    }

    /// Whether it takes a password to unlock.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.content.protection, Protection::Password(_))
    }

    /// The keys as they lie in the file.
    pub fn into_stored(self) -> StoredKeys {
        StoredKeys(self.content)
    }

    /// Unlocks it. The password is asked for only where there is one.
    pub fn unlock<E: From<KeystoreError>>(self, password: impl FnOnce() -> Result<Password, E>) -> Result<Keys, E> {
        let Keystore { path, content } = self;
        let sealer = match &content.protection {
            Protection::None => None,
            Protection::Password(lock) => Some(Sealer::unlock(lock, &password()?, &path)?),
        };
        let rows = content.keys.iter().map(|row| Ok((row.owner, secret_of(row, sealer.as_ref(), &path)?)));
        let secrets: BTreeMap<Owner, OwnerSecret> = rows.collect::<Result<_, KeystoreError>>()?;
        tracing::debug!(path = %path.display(), keys = secrets.len(), "unlocked the keystore");
        Ok(Keys { path, content, sealer, secrets })
    }
}

impl StoredKeys {
    /// Makes a keystore of them at `path`, where none is yet.
    pub fn write(&self, path: &Path) -> Result<(), KeystoreError> {
        if path.exists() {
            return Err(KeystoreError::AlreadyThere { path: path.into() });
        }
        Ok(document::write(path, KIND, &self.0)?)
    }
}

impl Keys {
    /// A keystore at `path` that is not on disk yet: the first key brings it there. Without a password secrets lie open.
    pub fn create(path: &Path, password: Option<&Password>) -> Result<Keys, KeystoreError> {
        if path.exists() {
            return Err(KeystoreError::AlreadyThere { path: path.into() });
        }
        let (protection, sealer) = match password {
            None => (Protection::None, None),
            Some(password) => {
                let (lock, sealer) = Sealer::create(password)?;
                (Protection::Password(lock), Some(sealer))
            }
        };
        let content = Content { protection, keys: Vec::new() };
        Ok(Keys { path: path.into(), content, sealer, secrets: BTreeMap::new() })
    }

    /// Makes a key from randomness of the operating system and keeps it. It is on disk when this returns.
    pub fn generate(&mut self, kind: KeyKind) -> Result<Owner, KeystoreError> {
        self.add(random_secret(kind)?)
    }

    /// Keeps a secret. It is on disk when this returns; one that is there already stays as it is.
    pub fn add(&mut self, secret: OwnerSecret) -> Result<Owner, KeystoreError> {
        let owner = secret.owner();
        if self.secrets.contains_key(&owner) {
            return Ok(owner);
        }
        let bytes = exposed(&secret);
        let stored = match &self.sealer {
            None => bytes.to_vec(),
            Some(sealer) => sealer.seal(&owner.to_string(), &*bytes)?,
        };
        let mut content = self.content.clone();
        content.keys.push(Row { owner, secret: Opaque(stored) });
        document::write(&self.path, KIND, &content)?;
        self.content = content;
        self.secrets.insert(owner, secret);
        Ok(owner)
    }

    /// Whose secrets it holds, in the order in which they came.
    pub fn owners(&self) -> impl Iterator<Item = Owner> {
        self.content.keys.iter().map(|row| row.owner)
    }

    /// Whether the file is of use to nobody without the password.
    pub fn is_encrypted(&self) -> bool {
        self.sealer.is_some()
    }

    /// Signs a digest for an owner.
    pub fn sign(&self, owner: &Owner, digest: Hash) -> Result<OwnerSignature, KeystoreError> {
        let secret = self.secrets.get(owner).ok_or(KeystoreError::NoKey { owner: *owner })?;
        Ok(secret.sign(digest))
    }
}

/// Owners only: what else it knows is nobody's business.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.secrets.keys()).finish()
    }
}

fn random_secret(kind: KeyKind) -> Result<OwnerSecret, KeystoreError> {
    let bytes = seal::random()?;
    Ok(match kind {
        KeyKind::Ed25519 => OwnerSecret::Ed25519(Ed25519Secret::from_bytes(*bytes)),
        // One in 2^127 numbers is none: then the seed is as good a source.
        KeyKind::Ethereum => OwnerSecret::Ethereum(
            EthereumSecret::from_bytes(*bytes).unwrap_or_else(|_| EthereumSecret::from_seed(*bytes)),
        ),
    })
}

fn exposed(secret: &OwnerSecret) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(match secret {
        OwnerSecret::Ed25519(secret) => secret.expose(),
        OwnerSecret::Ethereum(secret) => *secret.expose(),
    })
}

/// The secret of a row, which must be the secret of the owner that the row names.
fn secret_of(row: &Row, sealer: Option<&Sealer>, path: &Path) -> Result<OwnerSecret, KeystoreError> {
    let damaged = || DocumentError::damaged(path, format!("the key of {} was changed", row.owner));
    let stored = &row.secret.0;
    let plain = match sealer {
        None => Zeroizing::new(stored.clone()),
        Some(sealer) => sealer.open(&row.owner.to_string(), stored).ok_or_else(damaged)?,
    };
    let bytes = Zeroizing::new(<[u8; 32]>::try_from(&plain[..]).map_err(|_| damaged())?);
    let secret = match row.owner {
        Owner::Ed25519(_) => Some(OwnerSecret::Ed25519(Ed25519Secret::from_bytes(*bytes))),
        Owner::Ethereum(_) => EthereumSecret::from_bytes(*bytes).ok().map(OwnerSecret::Ethereum),
        Owner::Passkey(_) | Owner::Application(_) => None,
    };
    Ok(secret.filter(|secret| secret.owner() == row.owner).ok_or_else(damaged)?)
}

#[cfg(test)]
mod tests;
