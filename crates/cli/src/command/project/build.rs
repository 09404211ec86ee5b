//! `myceline project build`: compiles a project for Wasm, and looks at the code as validators do.

use super::Which;
use crate::{CliError, Context, application::check, output::style};
use myceline_types::ModuleId;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Compile a project for Wasm, and look at the code as validators do
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Rust's target wasm32-unknown-unknown is added through rustup where it is missing. Nothing else is needed.

Examples:
  myceline project build
  myceline project build --project apps/poll")]
pub struct Build {
    #[command(flatten)]
    which: Which,
}

/// What was compiled.
#[derive(Serialize)]
struct Built {
    #[serde(serialize_with = "crate::output::as_text")]
    module: ModuleId,
    contract: PathBuf,
    contract_bytes: usize,
    service: PathBuf,
    service_bytes: usize,
}

impl Build {
    /// Compiles it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let compiled = self.which.find()?.compile()?;
        check(&compiled.contract)?;
        check(&compiled.service)?;
        context.output.report(&Built {
            module: compiled.id(),
            contract_bytes: compiled.contract.size(),
            service_bytes: compiled.service.size(),
            contract: compiled.contract.file,
            service: compiled.service.file,
        })
    }
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Built { contract, contract_bytes, service, service_bytes, .. } = self;
        writeln!(f, "contract  {} ({contract_bytes} bytes)", style::strong(contract.display()))?;
        writeln!(f, "service   {} ({service_bytes} bytes)", style::strong(service.display()))?;
        write!(f, "validators would take both")
    }
}
