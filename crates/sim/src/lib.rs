//! A whole network in one thread, in simulated time, of which one seed decides everything.
//!
//! The validators and wallets are the real ones: the same gateway, group commit, vote key, client and sessions, stepped by
//! hand over stores in memory. Only what they stand on is simulated: clocks, disks that lose what was not synced, a network
//! that delays, loses and repeats messages, and chance. While a storm lasts, machines end and start again, disks break in
//! the middle of a commit, validators are cut off, slow or dishonest, and owners use two devices at once. Meanwhile an
//! [`audit`] looks at everything that is written and said. When the storm is over, everything that was wanted must come about.
//!
//! ```
//! let report = myceline_sim::run(7, None, false);
//! assert_eq!(report.violation, None);
//! assert_eq!(report.trace_hash, myceline_sim::run(7, None, false).trace_hash, "a seed is always the same story");
//! ```
//!
//! A seed that fails is a bug: `cargo xtask sim --seed N --trace` tells its story. Nothing but the nonces of signed answers
//! comes from the operating system, and nothing is decided by them.

pub mod audit;
pub mod byzantine;
mod describe;
mod device;
pub mod dice;
mod disk;
pub mod plan;
mod process;
mod storm;
mod story;
mod trace;
mod validator;
mod wire;
mod wishes;
mod world;

pub use plan::Mutation;
pub use story::{Report, run};
