//! Key codecs: order, self-delimitation and refusal of what no key encodes to.

use super::*;
use myceline_types::{BlockHeight, ChainId, Cursor, Owner};
use proptest::prelude::*;
use std::fmt::Debug;

fn bytes(key: &impl OrderedKey) -> Vec<u8> {
    key.encode_under(&[]).to_vec()
}

/// The three laws: bytes sort as values do, none is a prefix of another, and decoding gives the value and the rest.
fn check<K: OrderedKey + Ord + Debug + Clone>(a: K, b: K) {
    let (bytes_a, bytes_b) = (bytes(&a), bytes(&b));
    assert_eq!(a.cmp(&b), bytes_a.cmp(&bytes_b), "{a:?} {b:?}");
    assert!(a == b || !bytes_b.starts_with(&bytes_a), "{a:?} runs into {b:?}");
    let mut both = [bytes_a, bytes_b.clone()].concat();
    let mut rest = &both[..];
    assert_eq!(K::decode_from(&mut rest), Some(a));
    assert_eq!(rest, bytes_b);
    both.pop();
    assert!(<(K, K)>::decode_from(&mut &both[..]).is_none(), "a cut key decodes");
}

/// Strings of few different bytes meet the escapes often.
fn tricky_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0), Just(1), Just(254), Just(255)], 0..5)
}

fn owner() -> impl Strategy<Value = Owner> {
    let last_byte = prop_oneof![Just(0), Just(1), Just(255)];
    (0..3, last_byte).prop_map(|(kind, last)| match kind {
        0 => Owner::Ed25519([last; 32]),
        1 => Owner::Ethereum([last; 20]),
        _ => Owner::Passkey([last; 33]),
    })
}

proptest! {
    #[test]
    fn numbers_keep_their_laws(a: u64, b: u64, c: u32, d: u128) {
        check(a, b);
        check((c, a), (c, b));
        check((d, c), (d, c.wrapping_add(1)));
    }

    #[test]
    fn byte_strings_keep_their_laws(a in tricky_bytes(), b in tricky_bytes(), c in tricky_bytes()) {
        check(a.clone(), b.clone());
        check((a.clone(), b.clone()), (a.clone(), c.clone()));
        check((a.clone(), b.clone(), c.clone()), (b, a, c));
    }

    #[test]
    fn text_and_hashes_keep_their_laws(a: String, b: String, c: [u8; 32], d: [u8; 32], e: bool) {
        check(a.clone(), b.clone());
        check((Hash(c), a), (Hash(d), b));
        check((e, c), (!e, d));
    }

    #[test]
    fn nouns_keep_their_laws(a in owner(), b in owner(), c: [u8; 32], height: u64, d: u32, e: u32) {
        check(a, b);
        check((ChainId(Hash(c)), a), (ChainId(Hash(c)), b));
        let cursor = |transaction| Cursor { height: BlockHeight(height), transaction };
        check(cursor(d), cursor(e));
    }

    #[test]
    fn a_canonical_key_delimits_itself(a: Option<(u16, String)>, b: Option<(u16, String)>) {
        let key = (Canonical(a.clone()), Canonical(b.clone()));
        let both = bytes(&key);
        prop_assert_eq!(<(Canonical<_>, Canonical<_>)>::decode_from(&mut &both[..]), Some(key));
        prop_assert!(a == b || !bytes(&Canonical(b)).starts_with(&bytes(&Canonical(a))));
    }

    #[test]
    fn decoding_anything_never_panics(junk: Vec<u8>) {
        let _ = <(u16, Vec<u8>, bool)>::decode_from(&mut &junk[..]);
        let _ = <(String, Canonical<Vec<String>>)>::decode_from(&mut &junk[..]);
    }
}

#[test]
fn what_no_key_encodes_to_is_refused() {
    assert_eq!(bool::decode_from(&mut &[2][..]), None);
    assert_eq!(Owner::decode_from(&mut &[9; 64][..]), None, "no such kind");
    assert_eq!(Vec::decode_from(&mut &[7, 0, 1][..]), None, "neither escape nor end");
    assert_eq!(Vec::decode_from(&mut &[7][..]), None, "no end");
    assert_eq!(String::decode_from(&mut &[0xff, 0, 0][..]), None, "not UTF-8");
}
