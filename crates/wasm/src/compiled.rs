//! Guests as machine code, by Wasmtime.
//!
//! A guest is a future that nobody wakes: it is polled when there is something to go on with, and is pending where it
//! asks or needs fuel. The host's functions put what they have to say into a mailbox and wait for one poll. Wasmtime runs the code
//! on a stack of its own, so that stopping costs two changes of stacks.

mod coroutine;

use crate::{
    host::Paced,
    instrument::{ADDED_IMPORTS, HUNGRY},
    limits::{GUESTS_MAX, STACK_BYTES, TABLE_ELEMENTS_MAX, TABLES_MAX},
    single::{Backend, Single},
};
use coroutine::{Coroutine, Host};
use myceline_execution::engine::{EngineFault, Guest};
use myceline_types::guest::{ASK, IMPORTS, TAKE};
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, InstancePre, Linker, Module, PoolingAllocationConfig, WasmFeatures,
};

/// How much more than the pass counts for it a frame may take, in a function made to be bad: a compiler may keep the
/// eight-byte result of every instruction, for which the pass counts one byte.
const FRAME_FACTOR: usize = 8;
/// Stack for what the compiler's prologues, traps and the host's functions need.
const HOST_STACK_BYTES: usize = 2 << 20;
/// Memory of a guest that is kept, zeroed, for the next one: what most contracts touch, where the system says which pages those are.
const KEPT_MEMORY_BYTES: usize = 2 << 20;
/// The same where it does not, and all of it has to be zeroed.
const KEPT_BLINDLY_BYTES: usize = 256 << 10;
/// Table of a guest that is kept, likewise.
const KEPT_TABLE_BYTES: usize = 16 << 10;
/// Stack of a guest that is kept, likewise.
const KEPT_STACK_BYTES: usize = 16 << 10;
/// Bytes of what Wasmtime knows of an instance: room for as many functions in tables, and globals, as a module may have.
const INSTANCE_BYTES: usize = 4 << 20;

/// Runs guests as machine code.
pub type Wasmtime = Single<Native>;

/// Makes machine code, and instances of it.
pub struct Native {
    engine: wasmtime::Engine,
    linker: Linker<Host>,
}

impl Wasmtime {
    /// An engine. Each reserves address space for all guests that may be there at once, so a process has one.
    pub fn new() -> Result<Wasmtime, EngineFault> {
        Native::new().map(Single::with)
    }
}

impl Native {
    /// As for [`Wasmtime::new`].
    pub fn new() -> Result<Native, EngineFault> {
        let engine = wasmtime::Engine::new(&config()).map_err(fault)?;
        let linker = linker(&engine).map_err(fault)?;
        Ok(Native { engine, linker })
    }
}

impl Backend for Native {
    type Module = InstancePre<Host>;

    fn load(&self, code: &[u8]) -> Result<InstancePre<Host>, EngineFault> {
        let module = Module::new(&self.engine, code).map_err(fault)?;
        self.linker.instantiate_pre(&module).map_err(fault)
    }

    fn guest(&self, module: &InstancePre<Host>) -> Result<Box<dyn Guest>, EngineFault> {
        let guest = Coroutine::new(&self.engine, module).map_err(fault)?;
        Ok(Box::new(Paced::new(guest)))
    }
}

fn config() -> Config {
    let stack = usize::try_from(STACK_BYTES).unwrap_or_default() * FRAME_FACTOR;
    let mut config = Config::new();
    config.max_wasm_stack(stack).async_stack_size(stack + HOST_STACK_BYTES);
    // The pass refuses them already; what is off cannot have a fault.
    config.wasm_features(WasmFeatures::SIMD | WasmFeatures::RELAXED_SIMD | WasmFeatures::TAIL_CALL, false);
    config.wasm_features(WasmFeatures::MULTI_MEMORY | WasmFeatures::MEMORY64 | WasmFeatures::EXTENDED_CONST, false);
    // Nobody looks up which instruction of a guest trapped.
    config.generate_address_map(false);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(GUESTS_MAX).total_memories(GUESTS_MAX).total_stacks(GUESTS_MAX);
    pool.total_tables(GUESTS_MAX * TABLES_MAX).max_tables_per_module(TABLES_MAX);
    pool.table_elements(usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX));
    pool.max_core_instance_size(INSTANCE_BYTES);
    let is_scanned = PoolingAllocationConfig::is_pagemap_scan_available();
    let kept = if is_scanned { KEPT_MEMORY_BYTES } else { KEPT_BLINDLY_BYTES };
    pool.pagemap_scan(Enabled::Auto).linear_memory_keep_resident(kept).table_keep_resident(KEPT_TABLE_BYTES);
    pool.async_stack_keep_resident(KEPT_STACK_BYTES);
    pool
}

fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap_async(IMPORTS, ASK, |caller, (code, at, length)| {
        Box::new(coroutine::ask(caller, code, at, length))
    })?;
    linker.func_wrap(IMPORTS, TAKE, coroutine::take)?;
    linker.func_wrap_async(ADDED_IMPORTS, HUNGRY, |caller, ()| Box::new(coroutine::hungry(caller)))?;
    Ok(linker)
}

fn fault(error: wasmtime::Error) -> EngineFault {
    EngineFault(format!("{error:#}"))
}
