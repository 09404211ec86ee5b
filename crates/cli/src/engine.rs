//! What runs applications in this program: one engine for the whole process, made when the first application needs it.

use myceline_execution::engine::{CodeLimits, EngineFault, Guest, InvalidModule};
use myceline_node::Engine;
use myceline_types::{BlobId, BlobKind};
use myceline_wasm::Wasmtime;
use std::sync::{Arc, OnceLock};

static SHARED: OnceLock<Result<Wasmtime, EngineFault>> = OnceLock::new();

/// The process's engine. Commands and validators that meet no application never make it.
#[derive(Clone, Copy, Debug)]
pub struct Applications;

impl Applications {
    /// As clients and validators take it.
    pub fn shared() -> Arc<dyn Engine> {
        Arc::new(Applications)
    }

    fn engine() -> Result<&'static Wasmtime, EngineFault> {
        SHARED.get_or_init(Wasmtime::new).as_ref().map_err(Clone::clone)
    }
}

impl Engine for Applications {
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
        myceline_wasm::check(kind, code, limits)
    }

    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        Applications::engine()?.cached(module, limits)
    }

    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        Applications::engine()?.instantiate(module, code, limits)
    }
}
