//! Signatures: made by [`ValidatorSecret`] and [`OwnerSecret`], checked by [`CryptoVerifier`].
//!
//! Whatever is accepted here is accepted by every validator, browser and contract, so each scheme has one written form:
//! low s and the right v for ECDSA, ZIP-215 for Ed25519, one beginning of the client data for passkeys. Nothing here is
//! random: who makes a key brings 32 random bytes. Encryption and storage of secrets are for the holder of the key.

mod curve;
mod ed25519;
mod ethereum;
mod passkey;
mod recent;
mod secret;
mod signed_tree;
mod verifier;

pub use ethereum::{EthereumSecret, InvalidSecret};
pub use secret::{Ed25519Secret, OwnerSecret, ValidatorSecret};
pub use verifier::{CryptoVerifier, OwnerClaim, SignedTop};

use crate::{Committee, InvalidCommittee, Owner, ValidatorKey};

/// The Ethereum address under which the holder of `key` acts; `None` where the bytes are no key.
pub fn validator_account(key: &ValidatorKey) -> Option<Owner> {
    curve::decompress(key).map(|point| Owner::Ethereum(point.address()))
}

/// Checks that each validator of a committee acts under the address of its own key: whoever accepts a committee from
/// elsewhere must ask this, because a committee by itself knows no cryptography.
pub fn check_accounts(committee: &Committee) -> Result<(), InvalidCommittee> {
    for validator in committee.validators() {
        if validator_account(&validator.key) != Some(validator.account) {
            return Err(InvalidCommittee::NoAddress(validator.key));
        }
    }
    Ok(())
}
