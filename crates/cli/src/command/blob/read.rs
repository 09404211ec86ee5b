//! `myceline blob read`: fetches published data by its name, and checks that it is what the name says.

use crate::{CliError, Code, Context};
use myceline_types::BlobId;
use serde::Serialize;
use std::{fmt, io::Write as _, path::PathBuf};

/// Read published data
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline blob read data:6b65… --output photo.jpg
  myceline blob read data:6b65… | less")]
pub struct Read {
    /// Its name, as blob publish said
    blob: BlobId,
    /// Where to write it [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What was read into a file.
#[derive(Serialize)]
struct Saved {
    blob: String,
    bytes: usize,
    file: PathBuf,
}

impl Read {
    /// Reads it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let Read { blob: id, output } = self;
        let blob = context.with_wallet(async |live| Ok(live.node.blob(id).await?))?;
        let missing = || {
            CliError::new(Code::NotFound, format_args!("no validator that answers has {id}"))
                .hint("check its name, or try again when more validators answer")
        };
        let content = blob.ok_or_else(missing)?.bytes.0;
        let failed = |error: std::io::Error| CliError::new(Code::General, "cannot write the data").because(&error);
        match output {
            Some(file) => {
                std::fs::write(&file, &content).map_err(failed)?;
                context.output.report(&Saved { blob: id.to_string(), bytes: content.len(), file })
            }
            None => std::io::stdout().lock().write_all(&content).map_err(failed),
        }
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes in {}", self.bytes, self.file.display())
    }
}
