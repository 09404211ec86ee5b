//! Applications as commands see them: what their types look like, and JSON turned into their canonical bytes and back.

use crate::{
    CliError, Code,
    engine::Applications,
    live::{LiveWallet, Settled},
    project::Module,
};
use myceline_execution::engine::{CodeLimits, Engine as _, Input, Turn};
use myceline_sdk::describe::{Description, Format, convert};
use myceline_types::{
    ApplicationDescription, ApplicationId, Blob, BlobId, ChainId, ModuleId, Opaque, Operation, Policy, Transaction,
    encoding, guest::Entry,
};
use serde::Deserialize;
use serde_json::Value;

/// Fuel for a service to describe itself with.
const DESCRIBE_FUEL: i64 = 1_000_000_000;

/// What a service answers when it is asked what its types look like.
#[derive(Deserialize)]
struct Described {
    formats: Description,
}

impl LiveWallet {
    /// What the types of an application look like.
    pub async fn describe(&self, application: ApplicationId) -> Result<Description, CliError> {
        let description = self.certified_blob(application.blob()).await?;
        let description: ApplicationDescription =
            encoding::from_bytes(&description.bytes.0).map_err(|error| CliError::telling(Code::General, &error))?;
        let service = self.certified_blob(description.module.service_blob()).await?;
        self.describe_service(&service)
    }

    /// What the types of a service's application look like.
    pub fn describe_service(&self, service: &Blob) -> Result<Description, CliError> {
        described(service, self.code_limits())
    }

    /// Makes the code of an application known to all chains.
    pub async fn publish_module(&self, chain: ChainId, module: ModuleId, code: Vec<Blob>) -> Result<Settled, CliError> {
        self.submit_with(chain, vec![Transaction::Execute(Operation::PublishModule(module))], code).await
    }

    /// Carries out a [`creation`], and says what was created.
    pub async fn create(&self, chain: ChainId, creation: Operation) -> Result<(ApplicationId, Settled), CliError> {
        let settled = self.submit(chain, vec![Transaction::Execute(creation)]).await?;
        Ok((created(&settled)?, settled))
    }

    /// Makes code known and carries out a [`creation`] of it, in one block.
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

    /// A published blob, by any validator that has it.
    pub async fn certified_blob(&self, id: BlobId) -> Result<Blob, CliError> {
        let missing = || CliError::new(Code::NotFound, format_args!("no validator that answers has {id}"));
        self.client.blob(id).await.ok_or_else(missing)
    }

    fn code_limits(&self) -> CodeLimits {
        CodeLimits::of(&self.client.network().genesis().policy)
    }
}

/// What the types of a service's application look like, as the service itself says.
pub fn described(service: &Blob, limits: CodeLimits) -> Result<Description, CliError> {
    let answer = ask_for_description(service, limits)?;
    let described: Described = serde_json::from_slice(&answer).map_err(|error| {
        CliError::new(Code::General, "the service describes its types in a way that this program does not know")
            .because(&error)
    })?;
    Ok(described.formats)
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
    let id = settled.results.last().and_then(|result| encoding::from_bytes(result).ok());
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

fn ask_for_description(service: &Blob, limits: CodeLimits) -> Result<Vec<u8>, CliError> {
    let failed =
        |why: String| CliError::new(Code::General, format_args!("the service does not describe itself: {why}"));
    let guest = Applications::OfCommands.instantiate(service.id(), &service.bytes.0, limits);
    let mut guest = guest.map_err(|fault| failed(fault.to_string()))?;
    let mut fuel = DESCRIBE_FUEL;
    match guest.resume(Input::Call(Entry::Describe, &[]), &mut fuel) {
        Turn::Returns(answer) => Ok(answer),
        Turn::Asks(code, _) => Err(failed(format!("it asks question {code} where there is nobody to answer"))),
        Turn::Hungry => Err(failed("it takes too long".into())),
        Turn::Traps(trap) => Err(failed(trap.to_string())),
        Turn::Faults(fault) => Err(failed(fault.to_string())),
    }
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
    let bytes = convert::to_bytes(description, format, &value);
    let bytes = bytes.map_err(|misfit| CliError::new(Code::Usage, format_args!("the {what} does not fit: {misfit}")));
    Ok(Opaque(bytes?))
}

/// Turns canonical bytes of a type into JSON; bytes that do not fit are shown as they are.
pub fn json_of(description: &Description, format: &Format, bytes: &[u8]) -> Value {
    convert::to_json(description, format, bytes).unwrap_or_else(|_| Value::String(hex::encode(bytes)))
}
