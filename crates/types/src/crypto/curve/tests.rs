//! Both libraries give the same answers, byte for byte, and only canonical signatures pass.

use super::{LOW_S_MAX, Recoverable, browser, native, recover, sign};
use crate::{Hash, ValidatorKey};
use proptest::prelude::*;

/// The order of the group.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn bytes(text: &str) -> [u8; 32] {
    text.parse::<Hash>().unwrap().0
}

/// Big-endian `a - b`.
fn minus(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    let mut result = [0; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(difference < 0);
        result[at] = u8::try_from(difference + 256 * borrow).unwrap();
    }
    result
}

/// A signature that says the same with the other s: valid by the textbook, refused here.
fn with_high_s(mut signature: [u8; 65]) -> [u8; 65] {
    let s: [u8; 32] = signature[32..64].try_into().unwrap();
    signature[32..64].copy_from_slice(&minus(bytes(ORDER), s));
    signature[64] ^= 27 ^ 28;
    signature
}

fn same_answers(secret: [u8; 32], digest: [u8; 32]) {
    let (key, signature) = (native::public(&secret), native::sign(&secret, &digest));
    assert_eq!(key, browser::public(&secret));
    assert_eq!(signature, browser::sign(&secret, &digest));
    assert_eq!(key.is_some(), signature.is_some());
    if let Some(signature) = signature {
        assert_eq!(native::recover(&digest, &signature), key);
        assert_eq!(browser::recover(&digest, &signature), key);
    }
}

proptest! {
    #[test]
    fn the_libraries_agree_on_any_secret_and_digest(secret: [u8; 32], digest: [u8; 32]) {
        same_answers(secret, digest);
    }

    #[test]
    fn the_libraries_agree_on_any_bytes_as_a_signature(digest: [u8; 32], r: [u8; 32], s: [u8; 32], is_odd: bool) {
        let mut r_and_s = [0; 64];
        r_and_s[..32].copy_from_slice(&r);
        r_and_s[32..].copy_from_slice(&s);
        let signature = Recoverable { r_and_s, is_odd };
        prop_assert_eq!(native::recover(&digest, &signature), browser::recover(&digest, &signature));
    }

    #[test]
    fn the_libraries_agree_on_any_bytes_as_a_key(tag in 0..8u8, x: [u8; 32]) {
        let mut key = [tag; 33];
        key[1..].copy_from_slice(&x);
        prop_assert_eq!(native::decompress(&key), browser::decompress(&key));
    }
}

#[test]
fn the_libraries_agree_at_the_edges() {
    let order = bytes(ORDER);
    let mut one = [0; 32];
    one[31] = 1;
    let edges = [[0; 32], one, minus(order, one), order, [255; 32]];
    for secret in edges {
        for digest in edges {
            same_answers(secret, digest);
        }
    }
    for r in edges {
        for s in edges {
            let mut r_and_s = [0; 64];
            r_and_s[..32].copy_from_slice(&r);
            r_and_s[32..].copy_from_slice(&s);
            let signature = Recoverable { r_and_s, is_odd: false };
            assert_eq!(native::recover(&[7; 32], &signature), browser::recover(&[7; 32], &signature));
        }
    }
    assert_eq!(native::public(&[0; 32]), None);
    assert_eq!(native::public(&order), None);
    assert!(native::public(&minus(order, one)).is_some());
}

/// The first two secrets of a wallet that every Ethereum developer has seen.
#[test]
fn addresses_and_keys_are_ethereums() {
    let check = |secret: &str, address: &str| {
        let point = super::public(&bytes(secret)).unwrap();
        assert_eq!(hex::encode(point.address()), address);
        assert_eq!(super::decompress(&point.compressed()), Some(point));
    };
    check(
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    );
    check(
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "70997970c51812dc3a010c7d01b50e0d17dc79c8",
    );
    assert_eq!(super::decompress(&ValidatorKey([2; 33])).map(|point| point.compressed()), Some(ValidatorKey([2; 33])));
    assert_eq!(super::decompress(&ValidatorKey([5; 33])), None);
}

#[test]
fn only_the_canonical_form_of_a_signature_passes() {
    assert_eq!(LOW_S_MAX, {
        // Twice this and one more is the order.
        let order = bytes(ORDER);
        let mut one = [0; 32];
        one[31] = 1;
        minus(minus(order, LOW_S_MAX), one)
    });
    let digest = Hash([9; 32]);
    for secret in 1..50 {
        let signature = sign(&[secret; 32], digest).unwrap();
        let point = super::public(&[secret; 32]);
        assert_eq!(recover(digest, &signature), point);
        assert_eq!(recover(digest, &with_high_s(signature)), None);
        let with_v = |v| [&signature[..64], &[v]].concat().try_into().unwrap();
        assert_ne!(recover(digest, &with_v(signature[64] ^ 27 ^ 28)), point, "another signer");
        for v in [0, 1, 26, 29, 30, 255] {
            assert_eq!(recover(digest, &with_v(v)), None);
        }
        assert_ne!(recover(Hash([8; 32]), &signature), point);
    }
}
