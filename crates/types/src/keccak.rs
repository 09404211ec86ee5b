//! Keccak-256 itself: assembly where there is some, which takes three quarters of the time, and plain Rust in the browser
//! and in contracts. Most of what a validator computes besides signatures is this function.

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
