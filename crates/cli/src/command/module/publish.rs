//! `myceline module publish`: makes the code of a contract and its service known to all chains.

use crate::{
    CliError, Context,
    live::Settled,
    output::style,
    project::{Compiled, Module},
};
use myceline_types::{BlobKind, ModuleId};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Publish a contract and its service
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The code is looked at before anything is paid: what cannot run everywhere alike is refused, with the reason.

Examples:
  myceline module publish counter_contract.wasm counter_service.wasm")]
pub struct Publish {
    /// The contract's Wasm file
    contract: PathBuf,
    /// The service's Wasm file
    service: PathBuf,
    /// The chain that publishes it [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was published.
#[derive(Serialize)]
struct Published {
    /// As `app create` takes it.
    #[serde(serialize_with = "crate::output::as_text")]
    module: ModuleId,
    contract_bytes: usize,
    service_bytes: usize,
    #[serde(flatten)]
    settled: Settled,
}

impl Publish {
    /// Publishes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let contract = Module::read(BlobKind::Contract, self.contract)?;
        let service = Module::read(BlobKind::Service, self.service)?;
        let (contract_bytes, service_bytes) = (contract.size(), service.size());
        let code = Compiled { contract, service };
        let module = code.id();
        let published = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let settled = live.publish_module(chain, module, code.into_blobs()).await?;
            Ok(Published { module, contract_bytes, service_bytes, settled })
        })?;
        context.output.report(&published)
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Published { module, contract_bytes, service_bytes, settled } = self;
        writeln!(f, "module {}", style::strong(module))?;
        writeln!(f, "a contract of {contract_bytes} bytes and a service of {service_bytes} bytes")?;
        settled.fmt(f)
    }
}
