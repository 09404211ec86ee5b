//! What a step of the machine answers. Refusals are answers, not errors: each says what the asker can do now.

use crate::Entry;
use myceline_types::{BlockHash, Certificate, Round, Slot, Timestamp, Vote};

/// The answer to one event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Sign this vote. The machine has recorded it: its new state is durable before the vote leaves.
    Sign(Vote),
    /// This vote was given before: send the same bytes again (R12).
    Already(Vote),
    /// Run the block and come back with `on_executed` and the same proposal. Until then any other event may come.
    Execute(Manner),
    /// Taken note of; nothing to sign.
    Noted,
    /// No, and what repairs it (R27).
    Refused(Reason),
}

/// How a block is to be run (R14).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// A new block: everything is checked.
    New,
    /// A block imposed by round-0 reports (R10 (2)): run as a certified block is, without asking again whether bundles have
    /// arrived and origin epochs are trusted; an honest voter among the reporters has checked these.
    Imposed,
}

/// Why not. The node makes a `types::Refusal` of it by adding the signatures and bodies that it stores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// About another chain, height or epoch than this one.
    Slot(Slot),
    /// The height is decided by this certificate (R18).
    Final(Box<Certificate>),
    /// The machine is in another round, and this made it enter; `None` in the first round (R19).
    Round(Round, Option<Box<Entry>>),
    /// This vote was given in the round, which rules the asked one out (R12).
    Voted(Vote),
    /// Another block was confirmed. This is the highest validated certificate seen: to propose its block passes the lock (R25).
    Locked(Box<Certificate>),
    /// The round was left with this vote (R12).
    Closed(Vote),
    /// Nothing shown permits this block in this round (R21 to R26).
    Unjustified(Round),
    /// Not somebody who may propose in this round, or ask to leave it (R3, R16).
    NotProposer(Round),
    /// A new block whose author is not its proposer (R20).
    Author,
    /// The round lasts until then (R16, R17).
    TooEarly(Timestamp),
    /// Execution gives this block, not the proposed one (R20).
    Mismatch(BlockHash),
}
