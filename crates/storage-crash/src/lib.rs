//! Power cuts, tried out: a run is recorded once as the file operations it made, and replayed up to any of them.
//!
//! [`record`](fn@record) runs a command and watches its system calls. [`replay::Cut`] builds the folder that a power cut would
//! have left after any of them, losing or tearing what was not synced. [`Run::check`] opens that folder and looks whether
//! everything is there that the run had said was.
//!
//! [`promises`] and [`votes`] hold what a validator said before against what it says and has after.
//!
//! It does not simulate a file system's own faults: what was synced stays.

mod dice;
pub mod promises;
mod record;
pub mod replay;
pub mod runs;
mod search;
pub mod trace;
pub mod votes;

pub use dice::Dice;
pub use record::{RecordError, record};
pub use search::{Broken, Report, every_cut, sampled_cuts};

use std::{path::Path, process::Command};

/// A run that can be cut.
pub trait Run: Sync {
    /// The command that makes the run in `folder`, which is empty. Whatever it acknowledges it says on its standard output,
    /// one line each, and never before it is durable.
    fn command(&self, folder: &Path) -> Command;

    /// Checks what a power cut left in `folder` after the run had said `said`. May change the folder.
    fn check(&self, folder: &Path, said: &[String]) -> Result<(), String>;
}
