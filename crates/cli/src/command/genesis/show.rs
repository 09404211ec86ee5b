//! `myceline genesis show`: what a genesis file says.

use crate::{
    CliError, Context,
    output::{human, style},
};
use myceline_types::{Amount, ChainId, Genesis, NetworkId};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Show what a network starts from
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline genesis show genesis.json")]
pub struct Show {
    /// The genesis file
    #[arg(value_name = "FILE", default_value = "genesis.json")]
    genesis: PathBuf,
}

/// What is in it.
#[derive(Serialize)]
struct Shown {
    network: NetworkId,
    genesis: Genesis,
    chains: Vec<ChainId>,
    supply: Option<Amount>,
}

impl Show {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let genesis = super::read(&self.genesis)?;
        let chains = genesis.descriptions().map(|description| description.id()).collect();
        context.output.report(&Shown { network: genesis.network(), supply: genesis.supply(), genesis, chains })
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let committee = &self.genesis.committee;
        writeln!(f, "Network {} ({})", style::strong(&self.genesis.name), self.network)?;
        let (faulty, slow) = (committee.faulty(), committee.slow());
        writeln!(f, "Weight {}, of which {faulty} may be faulty and {slow} slow", committee.total())?;
        for validator in committee.validators() {
            writeln!(f, "  validator {} at {}", human::short(validator.key), validator.address)?;
        }
        if let Some(supply) = self.supply {
            writeln!(f, "{} tokens on {} first chains", human::amount(supply), self.chains.len())?;
        }
        write!(f, "Admin chain {}", self.chains.first().map(ToString::to_string).unwrap_or_default())
    }
}
