//! What runs applications in this program: one engine for the whole process, made when the first application needs it; and what
//! asks servers for them.

use myceline_execution::engine::{CodeLimits, EngineFault, Guest, InvalidModule};
use myceline_node::{Engine, Offline, Web};
use myceline_oracle::Asker;
use myceline_types::{BlobId, BlobKind};
use myceline_wasm::Tiered;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;

static OF_COMMANDS: OnceLock<Result<Tiered, EngineFault>> = OnceLock::new();
static OF_SERVERS: OnceLock<Result<Tiered, EngineFault>> = OnceLock::new();

/// The process's engine. Commands and validators that meet no application never make it.
#[derive(Clone, Copy, Debug)]
pub enum Applications {
    /// Of a command, which ends before much could be compiled.
    OfCommands,
    /// Of a process that goes on.
    OfServers,
}

impl Applications {
    /// As clients and validators take it.
    pub fn shared(self) -> Arc<dyn Engine> {
        Arc::new(self)
    }

    fn engine(self) -> Result<&'static Tiered, EngineFault> {
        let engine = match self {
            Applications::OfCommands => OF_COMMANDS.get_or_init(Tiered::patient),
            Applications::OfServers => OF_SERVERS.get_or_init(Tiered::eager),
        };
        engine.as_ref().map_err(Clone::clone)
    }
}

impl Engine for Applications {
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
        match self.engine() {
            Ok(engine) => engine.check(kind, code, limits),
            // What may be published does not depend on what can be run here.
            Err(_) => myceline_wasm::check(kind, code, limits),
        }
    }

    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        self.engine()?.cached(module, limits)
    }

    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        self.engine()?.instantiate(module, code, limits)
    }
}

/// Asks servers, where a runtime runs; elsewhere nobody is asked.
pub fn asker() -> Arc<dyn Web> {
    match Handle::try_current() {
        Ok(runtime) => Arc::new(Asker::new(runtime)),
        Err(_) => Arc::new(Offline),
    }
}
