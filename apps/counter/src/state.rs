//! What the counter keeps on a chain.

use myceline_sdk::{Register, State};

/// The number.
#[derive(Debug, State)]
pub struct CounterState {
    /// What was added so far, and what it began with.
    pub value: Register<u64>,
}
