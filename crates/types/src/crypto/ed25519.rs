//! Ed25519 by ZIP-215, singly and in batches: both accept exactly the same signatures.
//!
//! ZIP-215 fixes what RFC 8032 leaves open (points of small order, points written in other than the shortest form, the
//! cofactor), which is where implementations, and single and batched verification, otherwise disagree.

use crate::Hash;
use chacha20::{ChaCha8Rng, rand_core::SeedableRng};
use ed25519_zebra::{Signature, SigningKey, VerificationKey, VerificationKeyBytes, batch};
use zeroize::Zeroizing;

/// The library's form of a secret: it keeps what is derived from the 32 bytes. Wiped when dropped.
pub type Secret = Zeroizing<SigningKey>;

/// One claim: the holder of `key` signed `digest`.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    pub key: &'a [u8; 32],
    pub digest: Hash,
    pub signature: &'a [u8; 64],
}

pub fn secret(bytes: [u8; 32]) -> Secret {
    Zeroizing::new(SigningKey::from(*Zeroizing::new(bytes)))
}

pub fn public(secret: &Secret) -> [u8; 32] {
    VerificationKeyBytes::from(&**secret).into()
}

pub fn sign(secret: &Secret, digest: Hash) -> [u8; 64] {
    secret.sign(&digest.0).to_bytes()
}

/// Whether the claim holds.
pub fn verify(claim: Claim<'_>) -> bool {
    let signature = Signature::from_bytes(claim.signature);
    VerificationKey::try_from(*claim.key).is_ok_and(|key| key.verify(&signature, &claim.digest.0).is_ok())
}

/// Whether all claims hold: one equation instead of one for each.
///
/// The equation adds up the claims under coefficients that nobody must know beforehand. They follow from a hash of all
/// claims, as in the transform of Fiat and Shamir: to make false claims cancel each other, a forger must find claims
/// whose own hash gives fitting coefficients of 128 bits, which is as hard as to forge a signature outright. So the
/// answer needs no source of randomness, and a claim that fails alone makes the batch fail.
pub fn verify_all(claims: &[Claim<'_>]) -> bool {
    let mut batch = batch::Verifier::new();
    for claim in claims {
        let signature = Signature::from_bytes(claim.signature);
        batch.queue((VerificationKeyBytes::from(*claim.key), signature, &claim.digest.0));
    }
    batch.verify(ChaCha8Rng::from_seed(seed(claims).0)).is_ok()
}

fn seed(claims: &[Claim<'_>]) -> Hash {
    let fields = claims.iter().flat_map(|claim| [&claim.key[..], &claim.digest.0, claim.signature]);
    let parts: Vec<&[u8]> = [&b"myceline.ed25519.batch.v1"[..]].into_iter().chain(fields).collect();
    Hash::of_parts(&parts)
}
