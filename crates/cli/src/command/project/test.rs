//! `myceline project test`: runs a project's tests.

use super::Which;
use crate::{CliError, Context};

/// Run a project's tests on this machine
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline project test
  myceline project test -- --nocapture it_adds")]
pub struct Test {
    #[command(flatten)]
    which: Which,
    /// What cargo test is given
    #[arg(last = true)]
    words: Vec<String>,
}

impl Test {
    /// Runs them.
    pub fn run(self, _context: &mut Context) -> Result<(), CliError> {
        self.which.find()?.test(&self.words)
    }
}
