//! Passkeys: P-256 signatures that an authenticator makes for a web page (WebAuthn), with the digest as its challenge.
//!
//! Which page asked is not checked: the digest names the network and what is signed, and the owner is the key.

use crate::Hash;
use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use sha2::{Digest as _, Sha256};

/// What an authenticator made when it was asked to sign a digest.
#[derive(Clone, Copy)]
pub struct Assertion<'a> {
    pub authenticator_data: &'a [u8],
    pub client_data_json: &'a [u8],
    pub signature: &'a [u8; 64],
}

/// The hash of the page's domain, flags and a counter; extensions may follow.
const AUTHENTICATOR_DATA_MIN: usize = 37;
/// Extensions of an assertion are a few dozen bytes. Bounds the cost of a check, as does the next.
const AUTHENTICATOR_DATA_MAX: usize = 1024;
/// Type, challenge, origin and a few flags.
const CLIENT_DATA_MAX: usize = 4096;
/// The place of the flags, and the flag that a person was there and agreed.
const FLAGS_AT: usize = 32;
const USER_PRESENT: u8 = 1;

/// Half the order of the curve's group, rounded down.
const LOW_S_MAX: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Whether the authenticator that holds `key` was asked to sign `digest` and a person agreed.
pub fn verify(key: &[u8; 33], digest: Hash, assertion: Assertion<'_>) -> bool {
    is_agreed(assertion.authenticator_data)
        && is_about(assertion.client_data_json, digest)
        && is_signed(key, assertion).unwrap_or(false)
}

fn is_agreed(authenticator_data: &[u8]) -> bool {
    (AUTHENTICATOR_DATA_MIN..=AUTHENTICATOR_DATA_MAX).contains(&authenticator_data.len())
        && authenticator_data[FLAGS_AT] & USER_PRESENT != 0
}

/// WebAuthn fixes how browsers write type and challenge, byte for byte, so that nobody needs to parse JSON here.
fn is_about(client_data_json: &[u8], digest: Hash) -> bool {
    let challenge = Base64UrlUnpadded::encode_string(&digest.0);
    let beginning = format!("{{\"type\":\"webauthn.get\",\"challenge\":\"{challenge}\",");
    client_data_json.len() <= CLIENT_DATA_MAX && client_data_json.starts_with(beginning.as_bytes())
}

fn is_signed(key: &[u8; 33], assertion: Assertion<'_>) -> Option<bool> {
    if !matches!(key[0], 2 | 3) || assertion.signature[32..] > LOW_S_MAX[..] {
        return None;
    }
    let key = VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = Signature::from_slice(assertion.signature).ok()?;
    let client_data_hash = Sha256::digest(assertion.client_data_json);
    let signed = Sha256::new().chain_update(assertion.authenticator_data).chain_update(client_data_hash).finalize();
    Some(key.verify_prehash(&signed, &signature).is_ok())
}
