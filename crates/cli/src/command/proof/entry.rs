//! `myceline proof message` and `proof event`: an entry of a block's list.

use crate::{CliError, Context};
use myceline_types::{BlockHeight, List};
use std::path::PathBuf;

/// Which entry.
#[derive(Debug, clap::Args)]
pub struct Entry {
    /// The chain: any chain of the network [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// The block
    #[arg(long)]
    height: u64,
    /// Where in the block's list it stands, from 0 on
    #[arg(long, default_value_t = 0)]
    index: usize,
    /// Where to write the proof
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Entry {
    /// Proves it.
    pub fn run(self, context: &mut Context, list: List) -> Result<(), CliError> {
        let Entry { chain, height, index, output } = self;
        let proof = context.with_wallet(async |live| {
            let chain = live.chain(chain.as_deref())?;
            Ok(live.node.prove_entry(chain, BlockHeight(height), list, index).await?)
        })?;
        super::write(context, proof, output)
    }
}
