//! libsecp256k1: what machines other than the browser use.

use super::Recoverable;
use secp256k1::{
    Message, PublicKey, SecretKey,
    ecdsa::{RecoverableSignature, RecoveryId},
};

pub fn public(secret: &[u8; 32]) -> Option<[u8; 65]> {
    with_secret(secret, |key| key.public_key().serialize_uncompressed())
}

pub fn decompress(key: &[u8; 33]) -> Option<[u8; 65]> {
    Some(PublicKey::from_byte_array_compressed(*key).ok()?.serialize_uncompressed())
}

/// R with x above the order of the group would need another v than 27 or 28; nobody will ever see one (2^-127).
pub fn sign(secret: &[u8; 32], digest: &[u8; 32]) -> Option<Recoverable> {
    with_secret(secret, |key| {
        let signature = RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(*digest), key);
        let (id, r_and_s) = signature.serialize_compact();
        Recoverable { r_and_s, is_odd: id.to_u8() & 1 == 1 }
    })
}

pub fn recover(digest: &[u8; 32], signature: &Recoverable) -> Option<[u8; 65]> {
    let id = RecoveryId::from_u8_masked(signature.is_odd.into());
    let signature = RecoverableSignature::from_compact(&signature.r_and_s, id).ok()?;
    Some(signature.recover_ecdsa(Message::from_digest(*digest)).ok()?.serialize_uncompressed())
}

/// Lends the library's form of a secret and wipes it afterwards: the library itself leaves it in memory.
fn with_secret<T>(secret: &[u8; 32], use_it: impl FnOnce(&SecretKey) -> T) -> Option<T> {
    let mut key = SecretKey::from_secret_bytes(*secret).ok()?;
    let result = use_it(&key);
    key.non_secure_erase();
    Some(result)
}
