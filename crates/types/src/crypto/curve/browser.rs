//! k256, in Rust throughout: what the browser uses. Tests compare it with libsecp256k1 byte for byte.

use super::Recoverable;
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};

pub fn public(secret: &[u8; 32]) -> Option<[u8; 65]> {
    uncompressed(SigningKey::from_slice(secret).ok()?.verifying_key())
}

pub fn decompress(key: &[u8; 33]) -> Option<[u8; 65]> {
    // The library knows a third form of 33 bytes, which is not Ethereum's.
    matches!(key[0], 2 | 3).then(|| VerifyingKey::from_sec1_bytes(key).ok()).flatten().as_ref().and_then(uncompressed)
}

pub fn sign(secret: &[u8; 32], digest: &[u8; 32]) -> Option<Recoverable> {
    let (signature, id) = SigningKey::from_slice(secret).ok()?.sign_prehash_recoverable(digest);
    Some(Recoverable { r_and_s: signature.to_bytes().into(), is_odd: id.is_y_odd() })
}

pub fn recover(digest: &[u8; 32], signature: &Recoverable) -> Option<[u8; 65]> {
    let id = RecoveryId::new(signature.is_odd, false);
    let signature = Signature::from_slice(&signature.r_and_s).ok()?;
    uncompressed(&VerifyingKey::recover_from_prehash(digest, &signature, id).ok()?)
}

fn uncompressed(key: &VerifyingKey) -> Option<[u8; 65]> {
    key.to_sec1_point(false).as_bytes().try_into().ok()
}
