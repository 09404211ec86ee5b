//! Guests that begin in the interpreter at once, and go on as machine code when that is ready.
//!
//! Both ways give the same results and burn the same fuel, so nobody can tell but by the time that it takes. What is in no
//! hurry is never compiled: a module asks for it once its guests have burnt enough.

mod compiler;
mod mover;

use crate::{
    cache::Modules,
    compiled::Native,
    instrument::{self, Instrumented},
    interpreted::Portable,
    limits::{COMPILED_BYTES_MAX, MODULES_CHECKED_MAX, MODULES_KEPT_MAX},
    single::Backend,
};
use compiler::Compiler;
use mover::Mover;
use myceline_execution::engine::{CodeLimits, Engine, EngineFault, Guest, InvalidModule};
use myceline_types::{Blob, BlobId, BlobKind, Opaque};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// Fuel that guests burn for each byte of their code before it is compiled, where a process may end soon: about a third of
/// what the interpreter burns in the time that it takes to compile a byte.
const PATIENCE: u64 = 100;

/// Interprets guests until their code is compiled.
pub struct Tiered {
    portable: Portable,
    compiler: Arc<Compiler>,
    /// Modules that guests were made of.
    modules: Modules<Arc<Tier>>,
    /// Modules that were checked only.
    checked: Modules<Arc<Tier>>,
    /// Fuel for each byte of code after which it is compiled.
    patience: u64,
}

/// One module, in all the forms that it has so far.
struct Tier {
    /// As the pass has written it.
    code: Vec<u8>,
    portable: OnceLock<Result<<Portable as Backend>::Module, EngineFault>>,
    native: OnceLock<<Native as Backend>::Module>,
    /// Whether the compiler was asked.
    is_asked: AtomicBool,
    /// What its guests have burnt in the interpreter.
    burnt: AtomicU64,
    /// What they may burn there before the compiler is asked.
    patience: u64,
}

impl Tiered {
    /// For a process that goes on for long: code is compiled as soon as there is a guest of it.
    pub fn eager() -> Result<Tiered, EngineFault> {
        Tiered::new(0)
    }

    /// For a process that may end soon: code is compiled when its guests have burnt much.
    pub fn patient() -> Result<Tiered, EngineFault> {
        Tiered::new(PATIENCE)
    }

    fn new(patience: u64) -> Result<Tiered, EngineFault> {
        Ok(Tiered {
            portable: Portable::new()?,
            compiler: Arc::new(Compiler::new()),
            modules: Modules::new(MODULES_KEPT_MAX),
            checked: Modules::new(MODULES_CHECKED_MAX),
            patience,
        })
    }

    fn load(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Arc<Tier>, EngineFault> {
        if let Some(tier) = self.checked.find(module, limits) {
            return Ok(tier);
        }
        let instrumented = instrument::instrument(code, limits).map_err(|why| EngineFault(why.0))?;
        Ok(self.tier(instrumented))
    }

    /// A module that was checked only so far, and is to be kept as one that is used: what took long was to check it.
    fn promote(&self, module: BlobId, limits: CodeLimits) -> Option<Arc<Tier>> {
        let tier = self.checked.find(module, limits)?;
        self.modules.get(module, limits, || Ok(tier)).ok()
    }

    fn tier(&self, instrumented: Instrumented) -> Arc<Tier> {
        let code = instrumented.code;
        Arc::new(Tier {
            patience: self.patience.saturating_mul(code.len() as u64),
            portable: OnceLock::new(),
            native: OnceLock::new(),
            // What is too costly to compile is never asked for.
            is_asked: AtomicBool::new(code.len() > COMPILED_BYTES_MAX),
            burnt: AtomicU64::new(0),
            code,
        })
    }

    /// A guest as machine code if there is some, and else one that moves there later.
    fn guest(&self, tier: Arc<Tier>) -> Result<Box<dyn Guest>, EngineFault> {
        if let Some(guest) = self.compiler.guest(&tier) {
            return Ok(guest);
        }
        self.compiler.ask_if_hot(&tier);
        let guest = self.portable.guest(&tier.portable(&self.portable)?)?;
        Ok(Box::new(Mover::new(guest, tier, self.compiler.clone())))
    }
}

impl Tier {
    fn portable(&self, portable: &Portable) -> Result<<Portable as Backend>::Module, EngineFault> {
        self.portable.get_or_init(|| portable.load(&self.code)).clone()
    }

    /// Whether its guests have burnt so much that it should be compiled.
    fn is_hot(&self) -> bool {
        self.burnt.load(Ordering::Relaxed) >= self.patience
    }
}

impl Engine for Tiered {
    fn check(&self, kind: BlobKind, code: &[u8], limits: CodeLimits) -> Result<(), InvalidModule> {
        let blob = Blob { kind, bytes: Opaque(code.to_vec()) }.id();
        if self.checked.find(blob, limits).is_some() {
            return Ok(());
        }
        let tier = self.tier(instrument::checked(kind, code, limits)?);
        // Keeping it cannot fail: there is nothing left to do.
        let _ = self.checked.get(blob, limits, || Ok(tier));
        Ok(())
    }

    fn cached(&self, module: BlobId, limits: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        let tier = self.modules.find(module, limits).or_else(|| self.promote(module, limits));
        tier.map(|tier| self.guest(tier)).transpose()
    }

    fn instantiate(&self, module: BlobId, code: &[u8], limits: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        let tier = self.modules.get(module, limits, || self.load(module, code, limits))?;
        self.guest(tier)
    }
}
