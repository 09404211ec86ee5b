//! `myceline completions`: what a shell needs to complete commands and their arguments.

use crate::{CliError, Context, arguments};
use clap_complete::Shell;

/// Write completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  source <(myceline completions bash)
  myceline completions zsh > ~/.zfunc/_myceline
  myceline completions fish > ~/.config/fish/completions/myceline.fish")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Writes them to stdout.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut arguments::command(), "myceline", &mut script);
        context.output.text(String::from_utf8_lossy(&script).trim_end())
    }
}
