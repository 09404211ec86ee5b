//! `myceline module publish`: makes the code of a contract and its service known to all chains.

use crate::{CliError, Code, Context, live::Settled, output::style};
use myceline_types::{Blob, BlobKind, ModuleId, Opaque, Operation, Transaction};
use serde::{Serialize, Serializer};
use std::{
    fmt,
    path::{Path, PathBuf},
};

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
    #[serde(serialize_with = "as_text")]
    module: ModuleId,
    contract_bytes: usize,
    service_bytes: usize,
    #[serde(flatten)]
    settled: Settled,
}

impl Publish {
    /// Publishes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (contract, service) = (code(BlobKind::Contract, &self.contract)?, code(BlobKind::Service, &self.service)?);
        let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
        let (contract_bytes, service_bytes) = (contract.bytes.0.len(), service.bytes.0.len());
        let published = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let publish = Transaction::Execute(Operation::PublishModule(module));
            let settled = live.submit_with(chain, vec![publish], vec![contract, service]).await?;
            Ok(Published { module, contract_bytes, service_bytes, settled })
        })?;
        context.output.report(&published)
    }
}

fn as_text<S: Serializer>(module: &ModuleId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(module)
}

fn code(kind: BlobKind, file: &Path) -> Result<Blob, CliError> {
    let bytes = std::fs::read(file).map_err(|error| {
        CliError::new(Code::NotFound, format_args!("cannot read {}", file.display())).because(&error)
    })?;
    Ok(Blob { kind, bytes: Opaque(bytes) })
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Published { module, contract_bytes, service_bytes, settled } = self;
        writeln!(f, "module {}", style::strong(&module.to_string()))?;
        writeln!(f, "a contract of {contract_bytes} bytes and a service of {service_bytes} bytes")?;
        settled.fmt(f)
    }
}
