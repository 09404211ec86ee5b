//! What was found out on a chain.

use myceline_sdk::{Map, State};

/// What was found out.
#[derive(Debug, State)]
pub struct HeavyState {
    /// Whether 2^exponent - 1 is prime, by exponent.
    pub found: Map<u32, bool>,
}
