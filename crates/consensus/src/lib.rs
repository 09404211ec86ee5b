//! The round machine of one chain at one height: given a proposal, a certificate, a request and `now`, what a validator
//! signs, refuses or waits for; and the owner's side of the same rules.
//!
//! Pure: no clock, no disk, no network, no keys. Rules are numbered R1 to R31 in `docs/spec/consensus.md`; a rule is one
//! short function that cites its number. The crate never executes a block, holds a block's body or sees a signature being
//! made: bodies belong to the node, signatures to the module that owns the key.
//!
//! | who | uses |
//! |---|---|
//! | a validator | [`Machine`] stepped under [`Terms`], [`VoteLog`] beside its key |
//! | an owner | [`Planner`] for what to do next, [`Tally`] for the votes in the replies |
//! | anybody | [`finality`] and [`permits`] for what a certificate means |

mod entry;
mod guard;
mod machine;
mod permission;
mod planner;
mod rules;
mod schedule;
mod tally;
mod terms;
mod verdict;

pub use entry::{Entry, Opening};
pub use guard::{KeyAnswer, Signed, VoteLog};
pub use machine::{Executed, FastVote, Lock, Machine};
pub use permission::{Final, Permission, finality, permits};
pub use planner::{Exchange, Move, Planner, fast_grace};
pub use tally::Tally;
pub use terms::{RoundKind, Terms};
pub use verdict::{Manner, Reason, Verdict};
