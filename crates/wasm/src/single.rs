//! An engine that runs guests in one way only, and keeps the modules that it has loaded.

use crate::{cache::Modules, instrument, limits::MODULES_KEPT_MAX};
use myceline_execution::engine::{CodeLimits, Engine, EngineFault, Guest, InvalidModule};
use myceline_types::{BlobId, BlobKind};

/// A way to run code that the pass has rewritten.
pub trait Backend: Send + Sync {
    /// A module that can be instantiated.
    type Module: Clone + Send + Sync;

    /// Makes a module ready.
    fn load(&self, code: &[u8]) -> Result<Self::Module, EngineFault>;

    /// An instance at rest.
    fn guest(&self, module: &Self::Module) -> Result<Box<dyn Guest>, EngineFault>;
}

/// Runs guests by one backend.
pub struct Single<B: Backend> {
    backend: B,
    modules: Modules<B::Module>,
}

impl<B: Backend> Single<B> {
    pub(crate) fn with(backend: B) -> Single<B> {
        Single { backend, modules: Modules::new(MODULES_KEPT_MAX) }
    }

    fn load(&self, code: &[u8], limits: CodeLimits) -> Result<B::Module, EngineFault> {
        let instrumented = instrument::instrument(code, limits).map_err(|why| EngineFault(why.0))?;
        self.backend.load(&instrumented.code)
    }
}

impl<B: Backend> Engine for Single<B> {
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
        instrument::check(kind, code, limits)
    }

    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        self.modules.find(module, limits).map(|module| self.backend.guest(&module)).transpose()
    }

    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        let module = self.modules.get(module, limits, || self.load(code, limits))?;
        self.backend.guest(&module)
    }
}
