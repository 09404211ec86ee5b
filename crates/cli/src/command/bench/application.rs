//! An example application that a run loads: compiled from this checkout, published and created by the bank.

use super::{ground::BenchClient, run::Scene};
use crate::{
    CliError, Code,
    application::{bytes_of, creation, described},
    project::Project,
};
use myceline_execution::engine::CodeLimits;
use myceline_node::Queried;
use myceline_sdk::describe::Description;
use myceline_types::{ApplicationId, ChainId, Operation, Transaction, encoding};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where the example applications are, from where this program was built.
const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../apps");

/// Which application, and how it begins.
pub(super) struct Wanted<'a> {
    /// One of the examples.
    pub(super) example: &'a str,
    /// Another project of the same interface in its place.
    pub(super) project: Option<&'a Path>,
    /// The same on all chains, as JSON.
    pub(super) parameters: Option<&'a str>,
    /// For the bank's chain, which creates it, as JSON.
    pub(super) argument: &'a str,
}

/// An application, and what it understands.
pub(super) struct Application {
    id: ApplicationId,
    types: Description,
}

impl Application {
    /// Compiles it, makes its code known, and creates it.
    pub(super) async fn make(scene: &Scene, wanted: Wanted<'_>) -> Result<Application, CliError> {
        let Wanted { example, project, parameters, argument } = wanted;
        let dir = project.map_or_else(|| Path::new(EXAMPLES).join(example), PathBuf::from);
        let code = Project::find(&dir)?.compile()?;
        let Scene { client, ground, purse, .. } = scene;
        let types = described(&code.service.blob, CodeLimits::of(&ground.network.genesis().policy))?;
        let module = code.id();
        let creation = creation(&types, module, parameters, Some(argument))?;
        let wanted = [Operation::PublishModule(module), creation].map(Transaction::Execute);
        let submission = client.submit(ground.bank, purse.request(u32::MAX - 1, 0), wanted.into(), code.into_blobs());
        let block = submission.await?.finality().await?;
        client.deliver(ground.bank).await?;
        let last = block.block().outcome.results.last().and_then(|result| encoding::from_bytes(&result.bytes.0).ok());
        let id = last.ok_or_else(|| CliError::new(Code::General, "the block does not name what it created"))?;
        Ok(Application { id, types })
    }

    /// A transaction that has it do something.
    pub(super) fn call(&self, operation: &str) -> Result<Transaction, CliError> {
        let bytes = bytes_of(&self.types, &self.types.operation, Some(operation), "operation")?;
        Ok(Transaction::Execute(Operation::Application { id: self.id, bytes }))
    }

    /// What its service answers to a GraphQL query about a chain.
    pub(super) async fn ask(&self, client: &BenchClient, chain: ChainId, query: &str) -> Result<Value, CliError> {
        let (id, query) = (self.id, serde_json::json!({ "query": query }).to_string().into_bytes());
        let answer = match client.look(chain, move |work| work.query(id, &query)).await? {
            Queried::Answer(answer) => serde_json::from_slice(&answer.answer).ok(),
            Queried::Stopped(_) => None,
        };
        answer.ok_or_else(|| CliError::new(Code::General, "the application does not answer"))
    }
}
