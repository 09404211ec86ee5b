//! `myceline blob publish`: makes a file known to all chains, under a name that is its hash.

use crate::{CliError, Context, live::Settled, output::style};
use myceline_types::{Blob, Operation, Transaction};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Publish a file for all chains
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline blob publish photo.jpg")]
pub struct Publish {
    /// The file
    file: PathBuf,
    /// The chain that publishes it [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was published.
#[derive(Serialize)]
struct Published {
    /// Its name, as `blob read` takes it.
    blob: String,
    bytes: usize,
    #[serde(flatten)]
    settled: Settled,
}

impl Publish {
    /// Publishes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let content = std::fs::read(&self.file).map_err(CliError::reading(&self.file))?;
        let (bytes, blob) = (content.len(), Blob::data(content));
        let published = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let id = blob.id();
            let publish = Transaction::Execute(Operation::PublishBlob(id));
            let settled = live.submit_with(chain, vec![publish], vec![blob]).await?;
            Ok(Published { blob: id.to_string(), bytes, settled })
        })?;
        context.output.report(&published)
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({} bytes)", style::strong(&self.blob), self.bytes)?;
        self.settled.fmt(f)
    }
}
