//! Ed25519 by ZIP-215, singly and in batches: both accept exactly the same signatures.
//!
//! ZIP-215 fixes what RFC 8032 leaves open (points of small order, points written in other than the shortest form, the
//! cofactor), which is where implementations, and single and batched verification, otherwise disagree.

use crate::Hash;
use chacha20::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use curve25519_dalek::{
    constants::ED25519_BASEPOINT_POINT,
    edwards::{CompressedEdwardsY, EdwardsPoint},
    scalar::Scalar,
    traits::{IsIdentity, VartimeMultiscalarMul},
};
use ed25519_zebra::{SigningKey, VerificationKeyBytes};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

/// The library's form of a secret: it keeps what is derived from the 32 bytes. Wiped when dropped.
pub type Secret = Zeroizing<SigningKey>;
/// The library's form of a public key. To find it takes a sixth of checking a signature, so it is worth being kept.
pub type Key = EdwardsPoint;

/// One claim: the holder of `key` signed `digest`.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    pub key: &'a [u8; 32],
    pub digest: Hash,
    pub signature: &'a [u8; 64],
}

/// A claim as numbers: the signature is right if 8 (s B - R - k A) is zero.
struct Numbers {
    a: Key,
    r: EdwardsPoint,
    k: Scalar,
    s: Scalar,
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

/// A public key by its bytes, in whatever form they are; `None` where they are no point.
pub fn key(bytes: &[u8; 32]) -> Option<Key> {
    CompressedEdwardsY(*bytes).decompress()
}

/// Whether the claim holds, which is by `key`.
pub fn verify(claim: Claim<'_>, key: &Key) -> bool {
    let Some(Numbers { a, r, k, s }) = Numbers::of(claim, key) else { return false };
    let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-a, &s);
    (expected - r).mul_by_cofactor().is_identity()
}

/// Whether all claims hold, each by the key that stands with it: one equation instead of one for each.
///
/// The equation adds up the claims under coefficients that nobody must know beforehand. They follow from a hash of all
/// claims, as in the transform of Fiat and Shamir: to make false claims cancel each other, a forger must find claims
/// whose own hash gives fitting coefficients of 128 bits, which is as hard as to forge a signature outright. So the
/// answer needs no source of randomness, and a claim that fails alone makes the batch fail.
pub fn verify_all(claims: &[(Claim<'_>, Key)]) -> bool {
    let mut coefficients = ChaCha8Rng::from_seed(seed(claims).0);
    let (mut scalars, mut points) = (vec![Scalar::ZERO], vec![ED25519_BASEPOINT_POINT]);
    for (claim, key) in claims {
        let Some(Numbers { a, r, k, s }) = Numbers::of(*claim, key) else { return false };
        let z = coefficient(&mut coefficients);
        scalars[0] -= z * s;
        scalars.extend([z, z * k]);
        points.extend([r, a]);
    }
    EdwardsPoint::vartime_multiscalar_mul(&scalars, &points).mul_by_cofactor().is_identity()
}

fn coefficient(random: &mut ChaCha8Rng) -> Scalar {
    let mut bytes = [0; 16];
    random.fill_bytes(&mut bytes);
    Scalar::from(u128::from_le_bytes(bytes))
}

impl Numbers {
    /// `None` where R is no point, or s is not written in its one form. All else ZIP-215 leaves to the equation.
    fn of(Claim { key, digest, signature }: Claim<'_>, a: &Key) -> Option<Numbers> {
        let (r_bytes, s_bytes) = signature.split_first_chunk::<32>()?;
        let s = Scalar::from_canonical_bytes(s_bytes.try_into().ok()?).into_option()?;
        let r = CompressedEdwardsY(*r_bytes).decompress()?;
        let hash = Sha512::new().chain_update(r_bytes).chain_update(key).chain_update(digest.0).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        Some(Numbers { a: *a, r, k, s })
    }
}

fn seed(claims: &[(Claim<'_>, Key)]) -> Hash {
    let fields = claims.iter().flat_map(|(claim, _)| [&claim.key[..], &claim.digest.0, claim.signature]);
    let parts: Vec<&[u8]> = [&b"myceline.ed25519.batch.v1"[..]].into_iter().chain(fields).collect();
    Hash::of_parts(&parts)
}
