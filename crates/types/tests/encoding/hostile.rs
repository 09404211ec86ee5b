//! Bytes that nobody honest sends: decoding refuses them or finds a value of which they are the one encoding.
//!
//! Never a panic, never two encodings of one value.

use crate::samples::{self, Sample};
use proptest::{prelude::*, sample::Index};

/// Decodes `bytes` as the type of the sample, and so does the library, to which nothing else may be readable or look different.
fn check(sample: &Sample, bytes: &[u8]) {
    let again = (sample.again)(bytes);
    assert_eq!(again.as_ref().ok(), (sample.by_library)(bytes).as_ref(), "{} from {}", sample.name, hex::encode(bytes));
    if let Ok(again) = again {
        assert!(again == bytes, "{}: {} has another form, {}", sample.name, hex::encode(bytes), hex::encode(again));
    }
}

#[test]
fn what_is_cut_off_or_followed_by_more_is_refused() {
    for sample in samples::all() {
        for length in 0..sample.bytes.len() {
            assert!((sample.again)(&sample.bytes[..length]).is_err(), "{} cut off at {length}", sample.name);
            check(&sample, &sample.bytes[..length]);
        }
        for more in [&[0][..], &[1], &[0xff; 9]] {
            assert!((sample.again)(&[&sample.bytes, more].concat()).is_err(), "{} and more", sample.name);
        }
    }
}

#[test]
fn every_bit_counts() {
    for sample in samples::all() {
        for bit in 0..sample.bytes.len() * 8 {
            let mut bent = sample.bytes.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            check(&sample, &bent);
        }
    }
}

#[test]
fn json_says_the_same() {
    for sample in samples::all() {
        assert_eq!((sample.through_json)(&sample.bytes).as_ref(), Ok(&sample.bytes), "{}", sample.name);
    }
}

/// How bytes are bent: something cut out, something put in.
#[derive(Debug, Clone)]
struct Bend {
    at: Index,
    cut: usize,
    put: Vec<u8>,
}

fn bends() -> impl Strategy<Value = Vec<Bend>> {
    let put = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        Just(vec![0x80, 0x00]),
        Just(vec![0xff, 0xff, 0xff, 0xff, 0x0f]),
        Just(vec![0xff; 10]),
    ];
    let bend = (any::<Index>(), 0..5usize, put).prop_map(|(at, cut, put)| Bend { at, cut, put });
    proptest::collection::vec(bend, 1..4)
}

fn apply(mut bytes: Vec<u8>, bends: &[Bend]) -> Vec<u8> {
    for Bend { at, cut, put } in bends {
        let from = at.index(bytes.len() + 1);
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn bent_bytes_are_refused_or_canonical(which: Index, bends in bends()) {
        let samples = samples::all();
        let sample = which.get(&samples);
        check(sample, &apply(sample.bytes.clone(), &bends));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for sample in samples::all() {
            check(&sample, &bytes);
        }
    }
}
