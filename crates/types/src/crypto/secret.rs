//! The secrets of validators and owners, and what they sign. Wiped when dropped; shown as their public part only.

use super::{
    ed25519,
    ethereum::{EthereumSecret, InvalidSecret},
};
use crate::{
    Hash, NetworkId, Owner, OwnerSignature, ValidatorKey, encoding::ByteArray, vote, vote::ValidatorSignature,
};
use std::fmt;

/// A validator's secret. It also makes the validator an owner: the Ethereum address of its key, which acts on public chains.
#[derive(Clone, Debug)]
pub struct ValidatorSecret(EthereumSecret);

impl ValidatorSecret {
    /// The secret with these random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<ValidatorSecret, InvalidSecret> {
        EthereumSecret::from_bytes(bytes).map(ValidatorSecret)
    }

    /// A secret that follows from `seed`, for networks whose keys are known to everybody.
    pub fn from_seed(seed: [u8; 32]) -> ValidatorSecret {
        ValidatorSecret(EthereumSecret::from_seed(seed))
    }

    /// The bytes, for the keystore.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What the committee knows the validator by.
    pub fn public(&self) -> ValidatorKey {
        self.0.point().compressed()
    }

    /// The owner that the validator acts as on public chains.
    pub fn address(&self) -> Owner {
        Owner::Ethereum(self.0.address())
    }

    /// Signs all votes under `top`. What may be signed is not decided here: see R12.
    pub fn sign_batch(&self, network: NetworkId, top: Hash) -> ValidatorSignature {
        ValidatorSignature(self.0.sign(vote::batch_digest(network, top)).0)
    }

    /// Signs a digest as the owner [`ValidatorSecret::address`].
    pub fn sign_as_owner(&self, digest: Hash) -> OwnerSignature {
        OwnerSignature::Ethereum(self.0.sign(digest))
    }
}

/// The secret of an owner that signs by itself. Passkeys stay in their authenticators.
#[derive(Clone, Debug)]
pub enum OwnerSecret {
    /// Of [`Owner::Ed25519`].
    Ed25519(Ed25519Secret),
    /// Of [`Owner::Ethereum`].
    Ethereum(EthereumSecret),
}

/// An Ed25519 secret.
#[derive(Clone)]
pub struct Ed25519Secret(ed25519::Secret);

impl Ed25519Secret {
    /// The secret with these random bytes: RFC 8032 calls them the private key, others the seed.
    pub fn from_bytes(bytes: [u8; 32]) -> Ed25519Secret {
        Ed25519Secret(ed25519::secret(bytes))
    }

    /// The bytes, for the keystore.
    pub fn expose(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.as_ref());
        bytes
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        ed25519::public(&self.0)
    }
}

impl fmt::Debug for Ed25519Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Secret({})", hex::encode(self.public()))
    }
}

impl OwnerSecret {
    /// An Ed25519 secret that follows from `seed`; whoever knows the seed knows the secret. A validator's secret from the
    /// same seed is unrelated.
    pub fn from_seed(seed: [u8; 32]) -> OwnerSecret {
        let bytes = Hash::of_parts(&[b"myceline.ed25519.v1", &seed]).0;
        OwnerSecret::Ed25519(Ed25519Secret::from_bytes(bytes))
    }

    /// Who signs with this.
    pub fn owner(&self) -> Owner {
        match self {
            OwnerSecret::Ed25519(secret) => Owner::Ed25519(secret.public()),
            OwnerSecret::Ethereum(secret) => Owner::Ethereum(secret.address()),
        }
    }

    /// Signs a digest: of a proposal, of a request, of anything that names its network and what it is.
    pub fn sign(&self, digest: Hash) -> OwnerSignature {
        match self {
            OwnerSecret::Ed25519(secret) => OwnerSignature::Ed25519(ByteArray(ed25519::sign(&secret.0, digest))),
            OwnerSecret::Ethereum(secret) => OwnerSignature::Ethereum(secret.sign(digest)),
        }
    }
}
