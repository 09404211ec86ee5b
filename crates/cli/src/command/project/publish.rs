//! `myceline project publish`: compiles a project, publishes it and creates its application, once or at every change.

use super::Which;
use crate::{
    CliError, Code, Context,
    application::{check, creation},
    live::Settled,
    output::style,
    project::Project,
};
use myceline_types::{ApplicationId, ChainId, ModuleId};
use notify::{EventKind, RecursiveMode, Watcher as _};
use serde::Serialize;
use std::{
    fmt,
    path::Path,
    sync::mpsc::{Receiver, sync_channel},
    time::Duration,
};

/// An editor that saves many files has saved all of them after so long.
const SETTLING: Duration = Duration::from_millis(200);

/// Compile a project, publish it, and create its application
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Parameters and argument are JSON of the types that the application declares.

Examples:
  myceline project publish --argument 5
  myceline project publish --argument 5 --watch        and again whenever a file changes, until Ctrl-C")]
pub struct Publish {
    #[command(flatten)]
    which: Which,
    /// What its instances see on every chain, as JSON
    #[arg(long, value_name = "JSON")]
    parameters: Option<String>,
    /// What only its beginning on this chain sees, as JSON
    #[arg(long, value_name = "JSON")]
    argument: Option<String>,
    /// The chain that publishes it, and on which it is created [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// What the wallet calls it from now on [default: the name of the project]
    #[arg(long)]
    name: Option<String>,
    /// Publish it anew whenever a file of the project changes
    #[arg(long)]
    watch: bool,
}

/// What was published.
#[derive(Serialize)]
struct Published {
    name: String,
    application: ApplicationId,
    chain: ChainId,
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
        let project = self.which.find()?;
        if !self.watch {
            return context.output.report(&self.publish(&project, context)?);
        }
        let (_watching, changes) = changes(&project.dir)?;
        loop {
            match self.publish(&project, context) {
                Ok(published) => context.output.report(&published)?,
                Err(error) => context.output.error(&error),
            }
            context.output.note("waiting for a change; Ctrl-C ends it");
            if changes.recv().is_err() {
                return Ok(());
            }
            while changes.recv_timeout(SETTLING).is_ok() {}
        }
    }

    fn publish(&self, project: &Project, context: &Context) -> Result<Published, CliError> {
        let compiled = project.compile()?;
        check(&compiled.contract)?;
        check(&compiled.service)?;
        let (module, contract_bytes, service_bytes) =
            (compiled.id(), compiled.contract.size(), compiled.service.size());
        context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let types = live.describe_service(&compiled.service.blob)?;
            let creation = creation(&types, module, self.parameters.as_deref(), self.argument.as_deref())?;
            let code = (module, compiled.into_blobs());
            let (application, settled) = live.publish_and_create(chain, code, creation).await?;
            let name = self.name.as_deref().unwrap_or(&project.package);
            live.name_application(name, application).await?;
            let name = name.to_owned();
            Ok(Published { name, application, chain, module, contract_bytes, service_bytes, settled })
        })
    }
}

/// Tells of changes of what a project is made of. They end with the first part of the answer.
fn changes(dir: &Path) -> Result<(notify::RecommendedWatcher, Receiver<()>), CliError> {
    // One entry says that something changed; what else changes before it is taken needs no entry of its own.
    let (tell, told) = sync_channel(1);
    let failed = |error: notify::Error| CliError::telling(Code::General, &error).during("watching the project");
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| {
            matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_))
        });
        if is_change {
            let _ = tell.try_send(());
        }
    })
    .map_err(failed)?;
    for (part, mode) in [("src", RecursiveMode::Recursive), ("Cargo.toml", RecursiveMode::NonRecursive)] {
        watcher.watch(&dir.join(part), mode).map_err(failed)?;
    }
    Ok((watcher, told))
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Published { name, application, contract_bytes, service_bytes, settled, .. } = self;
        writeln!(f, "application {}", style::strong(application))?;
        writeln!(f, "a contract of {contract_bytes} bytes and a service of {service_bytes} bytes")?;
        writeln!(f, "{settled}\n")?;
        writeln!(f, "{}", style::dim("# then try"))?;
        write!(f, "myceline app describe {name}")
    }
}
