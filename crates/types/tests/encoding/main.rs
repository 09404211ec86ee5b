//! The canonical encoding: pinned for every public type, reversible, and with no second form of anything.

mod catalogue;
mod conformance;
mod hostile;
mod round_trips;
mod samples;
