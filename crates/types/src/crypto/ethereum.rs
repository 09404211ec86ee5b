//! A secp256k1 secret: what a validator and an Ethereum owner hold.

use super::curve::{self, Point};
use crate::{Hash, encoding::ByteArray};
use std::fmt;
use zeroize::Zeroizing;

/// A secp256k1 secret with its public key. Wiped when dropped; shown as its address only.
#[derive(Clone)]
pub struct EthereumSecret {
    secret: Zeroizing<[u8; 32]>,
    point: Point,
}

/// 32 bytes that are no secp256k1 secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no secp256k1 secret: take 32 other random bytes (a secret is a number between zero and the order of the group)"
)]
pub struct InvalidSecret;

impl EthereumSecret {
    /// The secret with these bytes: random ones, or those of an existing Ethereum key.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<EthereumSecret, InvalidSecret> {
        let secret = Zeroizing::new(bytes);
        let point = curve::public(&secret).ok_or(InvalidSecret)?;
        Ok(EthereumSecret { secret, point })
    }

    /// A secret that follows from `seed`. Whoever knows the seed knows the secret.
    pub fn from_seed(seed: [u8; 32]) -> EthereumSecret {
        let attempt = |count: u8| Hash::of_parts(&[b"myceline.secp256k1.v1", &seed, &[count]]).0;
        let mut secrets = (0..=u8::MAX).filter_map(|count| EthereumSecret::from_bytes(attempt(count)).ok());
        secrets.next().expect("all but one in 2^127 hashes are secrets")
    }

    /// The bytes, for the keystore.
    pub fn expose(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The Ethereum address of the public key.
    pub fn address(&self) -> [u8; 20] {
        self.point.address()
    }

    /// The public key.
    pub(super) fn point(&self) -> &Point {
        &self.point
    }

    /// r, s and v over a digest.
    pub(super) fn sign(&self, digest: Hash) -> ByteArray<65> {
        ByteArray(curve::sign(&self.secret, digest).expect("the secret was valid when it was made"))
    }
}

impl fmt::Debug for EthereumSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EthereumSecret(0x{})", hex::encode(self.address()))
    }
}

/// Whether the holder of the key behind `address` signed `digest`.
pub(super) fn verify(address: &[u8; 20], digest: Hash, signature: &[u8; 65]) -> bool {
    curve::recover(digest, signature).is_some_and(|point| point.address() == *address)
}
