//! Applications as commands see them: what their types look like, and JSON of people turned into canonical bytes.

use crate::{
    CliError, Code,
    engine::Applications,
    live::{LiveWallet, Settled},
    project::Module,
};
use myceline_execution::engine::{CodeLimits, Engine as _};
use myceline_sdk::describe::{Description, Format};
use myceline_service::describe::{self, Describer, EventReader};
use myceline_types::{ApplicationId, Blob, ChainId, ModuleId, Opaque, Operation, Policy, Transaction, encoding};
use serde_json::Value;

impl LiveWallet {
    /// What the types of an application look like.
    pub async fn describe(&self, application: ApplicationId) -> Result<Description, CliError> {
        Ok(self.describer().application(application).await?)
    }

    /// What tells what the events of an application say.
    pub async fn read_events(&self, application: ApplicationId) -> Result<EventReader, CliError> {
        Ok(self.describer().events(application).await?)
    }

    /// What the types of the applications of a published module look like.
    pub async fn describe_module(&self, module: ModuleId) -> Result<Description, CliError> {
        Ok(self.describer().module(module).await?)
    }

    /// What the types of a service's application look like.
    pub fn describe_service(&self, service: &Blob) -> Result<Description, CliError> {
        described(service, CodeLimits::of(&self.wallet.genesis().policy))
    }

    /// Makes the code of an application known to all chains.
    pub async fn publish_module(&self, chain: ChainId, module: ModuleId, code: Vec<Blob>) -> Result<Settled, CliError> {
        self.submit_with(chain, vec![Transaction::Execute(Operation::PublishModule(module))], code).await
    }

    /// Carries out a `creation`, and says what was created.
    pub async fn create(&self, chain: ChainId, creation: Operation) -> Result<(ApplicationId, Settled), CliError> {
        let settled = self.submit(chain, vec![Transaction::Execute(creation)]).await?;
        Ok((created(&settled)?, settled))
    }

    /// Makes code known and carries out a `creation` of it, in one block.
    pub async fn publish_and_create(
        &self,
        chain: ChainId,
        (module, code): (ModuleId, Vec<Blob>),
        creation: Operation,
    ) -> Result<(ApplicationId, Settled), CliError> {
        let operations = [Operation::PublishModule(module), creation];
        let settled = self.submit_with(chain, operations.map(Transaction::Execute).into(), code).await?;
        Ok((created(&settled)?, settled))
    }

    fn describer(&self) -> Describer {
        Describer::new(self.node.clone(), Applications::OfCommands.shared(), self.wallet.genesis())
    }
}

/// What the types of a service's application look like, as the service itself says.
pub fn described(service: &Blob, limits: CodeLimits) -> Result<Description, CliError> {
    Ok(describe::described(&Applications::OfCommands, service, limits)?)
}

/// Looks at compiled code as validators do before it is published, with the limits of a usual network.
pub fn check(module: &Module) -> Result<(), CliError> {
    let code = &module.blob;
    Applications::OfCommands.check(code.kind, &code.bytes.0, CodeLimits::of(&Policy::default())).map_err(|invalid| {
        CliError::telling(Code::Refused, &invalid).during(format_args!("looking at {}", module.file.display()))
    })
}

/// The application that a block created, as its last operation says.
fn created(settled: &Settled) -> Result<ApplicationId, CliError> {
    let id = settled.results.last().and_then(|result| encoding::from_bytes(&result.0).ok());
    id.ok_or_else(|| CliError::new(Code::General, "the block does not name what it created"))
}

/// What creates an application of a module, from what a person wrote as JSON.
pub fn creation(
    types: &Description,
    module: ModuleId,
    parameters: Option<&str>,
    argument: Option<&str>,
) -> Result<Operation, CliError> {
    Ok(Operation::CreateApplication {
        module,
        parameters: bytes_of(types, &types.parameters, parameters, "parameters")?,
        argument: bytes_of(types, &types.argument, argument, "argument")?,
    })
}

/// Turns what a person wrote as JSON into the canonical bytes of a type. Nothing stands for `null`.
pub fn bytes_of(
    description: &Description,
    format: &Format,
    json: Option<&str>,
    what: &str,
) -> Result<Opaque, CliError> {
    let value: Value = match json {
        None => Value::Null,
        Some(text) => serde_json::from_str(text)
            .map_err(|error| CliError::new(Code::Usage, format_args!("the {what} is not JSON")).because(&error))?,
    };
    Ok(describe::bytes_of(description, format, &value, what)?)
}
