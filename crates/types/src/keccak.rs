//! Keccak-256 itself: assembly where there is some, which takes three quarters of the time, and plain Rust in the browser
//! and in contracts. Most of what a validator computes besides signatures is this function.
//!
//! Messages that do not wait for each other are hashed side by side where the processor has wide registers: eight of them take
//! less than twice the time of one.

#[cfg(target_arch = "x86_64")]
mod lanes;

#[cfg(not(target_arch = "wasm32"))]
use keccak_asm::{Digest as _, Keccak256};
#[cfg(target_arch = "wasm32")]
use sha3::{Digest as _, Keccak256};

/// A hash under way.
pub(crate) struct Keccak(Keccak256);

impl Keccak {
    pub(crate) fn new() -> Keccak {
        Keccak(Keccak256::new())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The hash of the parts of a message, one after the other.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finish()
}

/// The hashes of several messages, each in parts.
pub(crate) fn hash_each<const PARTS: usize>(messages: &[[&[u8]; PARTS]]) -> Vec<[u8; 32]> {
    #[cfg(target_arch = "x86_64")]
    if let Some(hashes) = lanes::hash_each(messages) {
        return hashes;
    }
    messages.iter().map(|parts| hash(parts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Lengths around one, two and three blocks of the sponge, in any mixture.
        #[test]
        fn messages_side_by_side_have_the_hashes_that_they_have_alone(
            messages in vec((vec(any::<u8>(), 0..3), prop_oneof![0..12usize, 125..145usize, 260..280usize, 400..410usize]), 0..40),
        ) {
            let byte = |at: usize| at.to_le_bytes()[0].wrapping_mul(7);
            let bodies: Vec<Vec<u8>> =
                messages.iter().map(|(tag, length)| (tag.len()..tag.len() + length).map(byte).collect()).collect();
            let parts: Vec<[&[u8]; 2]> = messages.iter().zip(&bodies).map(|((tag, _), body)| [&tag[..], body]).collect();
            let alone: Vec<[u8; 32]> = parts.iter().map(|parts| hash(parts)).collect();
            prop_assert_eq!(&hash_each(&parts), &alone);
            #[cfg(target_arch = "x86_64")]
            prop_assert!(lanes::each_way(&parts).iter().all(|hashes| *hashes == alone));
        }
    }
}
