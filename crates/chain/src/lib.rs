//! One microchain: its tip, the bundles that wait for it and its round machine.

pub mod inbox;
pub mod tip;

pub use inbox::{Cursors, Inbox, Reconciled, Unfit};
pub use tip::{Fit, Fitness, Tip};
