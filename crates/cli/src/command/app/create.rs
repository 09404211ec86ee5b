//! `myceline app create`: creates an application of published code.

use crate::{CliError, Context, application::creation, live::Settled, output::style};
use myceline_types::{ApplicationId, ModuleId};
use serde::Serialize;
use std::fmt;

/// Create an application of a published module
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Parameters and argument are JSON of the types that the application declares.

Examples:
  myceline app create MODULE --argument 5 --name poll")]
pub struct Create {
    /// The module, as module publish said
    module: ModuleId,
    /// What its instances see on every chain, as JSON
    #[arg(long, value_name = "JSON")]
    parameters: Option<String>,
    /// What only its beginning on this chain sees, as JSON
    #[arg(long, value_name = "JSON")]
    argument: Option<String>,
    /// What the wallet calls it from now on
    #[arg(long)]
    name: Option<String>,
    /// The chain on which it is created [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What was created.
#[derive(Serialize)]
struct Created {
    application: ApplicationId,
    #[serde(flatten)]
    settled: Settled,
}

impl Create {
    /// Creates it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let created = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let types = live.describe_module(self.module).await?;
            let creation = creation(&types, self.module, self.parameters.as_deref(), self.argument.as_deref())?;
            let (application, settled) = live.create(chain, creation).await?;
            if let Some(name) = &self.name {
                live.name_application(name, application).await?;
            }
            Ok(Created { application, settled })
        })?;
        context.output.report(&created)
    }
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "application {}", style::strong(self.application))?;
        self.settled.fmt(f)
    }
}
