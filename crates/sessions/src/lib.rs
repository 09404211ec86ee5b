//! The owner's side of the protocol as small machines: events in, effects out, `now` given.
//!
//! Each of them is a value that is stepped by hand, so that every way in which answers may arrive, fail or lie is a test
//! without a network. A driver carries the effects out: it signs, writes, executes, asks validators and keeps time. Nothing
//! here does, and nothing here knows where a validator is or how a request travels.
//!
//! | machine | what it brings about |
//! |---|---|
//! | [`Settlement`] | a block of one height that is final, the owner's own or one that must be finished first |
//! | [`Repair`] | a validator that lacks something has it, and is asked again |
//! | [`Freshness`] | where a chain stands now, as weight N - f of the validators say |
//! | [`Sync`] | the certified blocks of a chain, in order, from whoever has them |
//! | [`Receipts`] | the bundles that wait for a chain, with proof, reading only the blocks that sent them |

pub mod freshness;
pub mod proof;
pub mod receive;
pub mod repair;
mod setting;
pub mod settle;
pub mod sync;

pub use freshness::Freshness;
pub use myceline_consensus::Terms;
pub use proof::{Distrust, Trust};
pub use receive::Receipts;
pub use repair::Repair;
pub use setting::{Setting, Statement};
pub use settle::Settlement;
pub use sync::Sync;
