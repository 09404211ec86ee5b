//! From a password to a key, and texts sealed under that key.

use super::{KIND, error::KeystoreError, file::PasswordLock};
use crate::document::DocumentError;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use myceline_types::encoding::Opaque;
use std::{fmt, path::Path};
use zeroize::Zeroizing;

/// What a guess costs: the first choice of OWASP for Argon2id, 46 MiB filled once. Deriving the key takes a command about
/// a tenth of a second. Stored in each file, so that another choice leaves old files readable.
const MEMORY_KIB: u32 = 46 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;
/// A file that asks for more is not ours: opening it must not bring a machine to its knees.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 16;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
/// What the text that tells a wrong password from damage is sealed for.
const CHECK: &str = "check";

/// A password. Wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password over.
    pub fn new(text: String) -> Password {
        Password(Zeroizing::new(text))
    }

    /// Whether there is nothing to guess.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Seals and opens texts. The cipher wipes its key when dropped.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A new key from a password, and what the file must say about it.
    pub fn create(password: &Password) -> Result<(PasswordLock, Sealer), KeystoreError> {
        let salt = random::<SALT_BYTES>()?.to_vec();
        let mut lock = PasswordLock {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: Opaque(salt),
            check: Opaque::default(),
        };
        let sealer = Sealer::derive(&lock, password).expect("our own costs and salt are within bounds");
        lock.check = Opaque(sealer.seal(CHECK, &[])?);
        Ok((lock, sealer))
    }

    /// The key of a file from its password.
    pub fn unlock(lock: &PasswordLock, password: &Password, path: &Path) -> Result<Sealer, KeystoreError> {
        let sealer = Sealer::derive(lock, password)
            .ok_or_else(|| DocumentError::damaged(path, "the cost of its password is out of bounds"))?;
        match sealer.open(CHECK, &lock.check.0) {
            Some(_) => Ok(sealer),
            None => Err(KeystoreError::WrongPassword { path: path.into() }),
        }
    }

    fn derive(lock: &PasswordLock, password: &Password) -> Option<Sealer> {
        if lock.memory_kib > MEMORY_KIB_MAX || lock.passes > PASSES_MAX || lock.lanes > LANES_MAX {
            return None;
        }
        let mut key = Zeroizing::new([0; 32]);
        let params = Params::new(lock.memory_kib, lock.passes, lock.lanes, Some(key.len())).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.0.as_bytes(), &lock.salt.0, &mut *key).ok()?;
        Some(Sealer(XChaCha20Poly1305::new((&*key).into())))
    }

    /// Seals a text for one purpose.
    pub fn seal(&self, purpose: &str, text: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        let nonce = random::<NONCE_BYTES>()?;
        let bound = bound(purpose);
        let payload = Payload { msg: text, aad: bound.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(*nonce), payload).expect("the text is short");
        Ok([&nonce[..], &sealed].concat())
    }

    /// The text that was sealed for this purpose under this key; `None` for any other bytes.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let bound = bound(purpose);
        let payload = Payload { msg: sealed, aad: bound.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

/// What is authenticated with a text: where it belongs.
fn bound(purpose: &str) -> String {
    format!("{}/{}/{purpose}", KIND.format, KIND.version)
}

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeystoreError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(KeystoreError::Randomness)?;
    Ok(bytes)
}
