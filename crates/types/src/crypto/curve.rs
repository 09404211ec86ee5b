//! secp256k1 as Ethereum uses it: a signature over a 32-byte digest, from which the signer's public key is recovered.
//!
//! Both libraries below answer the same questions with the same bytes; this file adds what makes a signature canonical.

#[cfg(any(target_arch = "wasm32", test))]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "wasm32")]
use browser as library;
#[cfg(not(target_arch = "wasm32"))]
use native as library;

use crate::{Hash, ValidatorKey};

/// Half the order of the curve's group, rounded down. Of the two values of s that fit, the low one is at most this.
const LOW_S_MAX: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// What Ethereum adds to the parity of R in v.
const V_BASE: u8 = 27;

/// A public key, written as 4, x and y.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point([u8; 65]);

/// What a library makes of a digest: r and s, and whether y of R is odd.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Recoverable {
    r_and_s: [u8; 64],
    is_odd: bool,
}

impl Point {
    /// x, and the parity of y before it.
    pub fn compressed(&self) -> ValidatorKey {
        let mut bytes = [0; 33];
        bytes[0] = 2 + (self.0[64] & 1);
        bytes[1..].copy_from_slice(&self.0[1..33]);
        ValidatorKey(bytes)
    }

    /// The last 20 bytes of the hash of x and y, as Ethereum has it.
    pub fn address(&self) -> [u8; 20] {
        let mut address = [0; 20];
        address.copy_from_slice(&Hash::of_parts(&[&self.0[1..]]).0[12..]);
        address
    }
}

/// The public key of a secret; `None` unless the secret is between 1 and the order of the group.
pub fn public(secret: &[u8; 32]) -> Option<Point> {
    library::public(secret).map(Point)
}

/// A public key from its compressed form; `None` where the bytes are none.
pub fn decompress(key: &ValidatorKey) -> Option<Point> {
    library::decompress(&key.0).map(Point)
}

/// r, s and v over a digest. The nonce follows from secret and digest (RFC 6979), so that signing twice gives the same bytes.
pub fn sign(secret: &[u8; 32], digest: Hash) -> Option<[u8; 65]> {
    let Recoverable { r_and_s, is_odd } = library::sign(secret, &digest.0)?;
    let mut signature = [0; 65];
    signature[..64].copy_from_slice(&r_and_s);
    signature[64] = V_BASE + u8::from(is_odd);
    Some(signature)
}

/// The only key that can have made this signature; `None` unless s is low and v is 27 or 28.
///
/// Recovery costs little more than verification with a known key, and it alone notices a wrong v, with which
/// `ecrecover` would find another signer.
pub fn recover(digest: Hash, signature: &[u8; 65]) -> Option<Point> {
    let is_odd = match signature[64].checked_sub(V_BASE)? {
        0 => false,
        1 => true,
        _ => return None,
    };
    if signature[32..64] > LOW_S_MAX[..] {
        return None;
    }
    let mut r_and_s = [0; 64];
    r_and_s.copy_from_slice(&signature[..64]);
    library::recover(&digest.0, &Recoverable { r_and_s, is_odd }).map(Point)
}
