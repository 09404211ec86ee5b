//! The picture of the demo: its steps as they happen, four validators as lights, and what the wallets hold.
//!
//! It shows what it is told and decides nothing. A person at a terminal sees a picture that moves; anybody else gets a line
//! of words per event, or JSON.

mod event;
mod scene;
mod stage;

pub use event::{DemoEvent, Payment, millis};
pub use stage::{Stage, Timeline};
