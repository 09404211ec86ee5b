//! Guests by an interpreter, wasmi: where machine code cannot be made.

use crate::{
    host::{self, Machine, Paced, Step},
    instrument::{ADDED_IMPORTS, FUEL, HUNGRY, MEMORY, ROOM},
    limits::STACK_BYTES,
    single::{Backend, Single},
};
use myceline_execution::engine::{EngineFault, Guest, Trap, Turn};
use myceline_types::guest::{ASK, Entry, IMPORTS, TAKE, unpack};
use std::fmt;
use wasmi::{
    AsContextMut, Caller, CompilationMode, Config, Global, Instance, Linker, Memory, Module, Store, TrapCode,
    TypedResumableCall, TypedResumableCallHostTrap, Val,
};

/// The smallest frame that the pass counts, so that the number of nested calls is bounded, too.
const FRAME_BYTES_MIN: i32 = 64;
/// How much more than the pass counts for it a frame may take.
const FRAME_FACTOR: i32 = 16;

/// Interprets guests.
pub type Interpreter = Single<Portable>;

/// Translates modules to what the interpreter runs, and makes instances.
pub struct Portable {
    engine: wasmi::Engine,
    linker: Linker<Host>,
}

impl Interpreter {
    /// An engine.
    pub fn new() -> Result<Interpreter, EngineFault> {
        Portable::new().map(Single::with)
    }
}

impl Portable {
    /// As for [`Interpreter::new`].
    pub fn new() -> Result<Portable, EngineFault> {
        let engine = wasmi::Engine::new(&config());
        let linker = linker(&engine).map_err(fault)?;
        Ok(Portable { engine, linker })
    }
}

impl Backend for Portable {
    type Module = Module;

    fn load(&self, code: &[u8]) -> Result<Module, EngineFault> {
        Module::new(&self.engine, code).map_err(fault)
    }

    fn guest(&self, module: &Module) -> Result<Box<dyn Guest>, EngineFault> {
        let mut store = Store::new(&self.engine, Host::default());
        let instance = self.linker.instantiate_and_start(&mut store, module).map_err(fault)?;
        store.data_mut().parts = Parts::of(&instance, &store);
        Ok(Box::new(Paced::new(Interpreted { store, instance, stopped: None })))
    }
}

fn config() -> Config {
    let stack = |divisor: i32, factor: i32| usize::try_from(STACK_BYTES / divisor * factor).unwrap_or_default();
    let mut config = Config::default();
    config.set_max_recursion_depth(stack(FRAME_BYTES_MIN, 1) + 1);
    config.set_max_stack_height(stack(1, FRAME_FACTOR));
    // A function is translated when it is called first. The pass has validated all of them, so none can be found bad then.
    config.compilation_mode(CompilationMode::Lazy);
    config.ignore_custom_sections(true).wasm_multi_memory(false).wasm_tail_call(false).wasm_extended_const(false);
    config
}

fn linker(engine: &wasmi::Engine) -> Result<Linker<Host>, wasmi::Error> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(IMPORTS, ASK, ask)?;
    linker.func_wrap(IMPORTS, TAKE, take)?;
    linker.func_wrap(ADDED_IMPORTS, HUNGRY, || Err::<(), _>(wasmi::Error::host(Stop::Hungry)))?;
    Ok(linker)
}

fn fault(error: wasmi::Error) -> EngineFault {
    EngineFault(error.to_string())
}

/// A guest of the interpreter.
struct Interpreted {
    store: Store<Host>,
    instance: Instance,
    /// The call that it stopped in.
    stopped: Option<TypedResumableCallHostTrap<u64>>,
}

/// What the host knows of a guest while its code runs.
#[derive(Default)]
struct Host {
    /// What `take` gives.
    given: Vec<u8>,
    parts: Option<Parts>,
}

/// Parts of the instance that the host uses.
#[derive(Clone, Copy)]
struct Parts {
    memory: Memory,
    fuel: Global,
    room: Global,
}

/// Why a host's function did not return.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stop {
    Asks(u32, Vec<u8>),
    Hungry,
    Traps(Trap),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the guest stopped")
    }
}

impl wasmi::errors::HostError for Stop {}

impl Machine for Interpreted {
    fn go(&mut self, step: Step, fuel: &mut i64) -> Turn {
        let Some(parts) = self.store.data().parts else {
            return Turn::Faults(EngineFault("the instance lacks what the pass adds".into()));
        };
        if let Err(error) = parts.fuel.set(&mut self.store, Val::I64(*fuel)) {
            return Turn::Faults(EngineFault(error.to_string()));
        }
        let turn = self.step(parts, step);
        *fuel = parts.fuel.get(&self.store).i64().unwrap_or_default();
        turn
    }
}

impl Interpreted {
    fn step(&mut self, parts: Parts, step: Step) -> Turn {
        let result = match step {
            Step::Call(entry, argument) => self.call(entry, argument),
            Step::Answer(answer) => {
                let length = i32::from_le_bytes(length_of(&answer).to_le_bytes());
                self.store.data_mut().given = answer;
                self.go_on(&[Val::I32(length)])
            }
            Step::Fuel => self.go_on(&[]),
        };
        match result {
            Ok(TypedResumableCall::Finished(packed)) => self.returns(parts, packed),
            Ok(TypedResumableCall::HostTrap(stopped)) => self.stops(stopped),
            Ok(TypedResumableCall::OutOfFuel(_)) => Turn::Faults(EngineFault("it counts fuel of its own".into())),
            Err(error) => self.ends(parts, &error),
        }
    }

    fn call(&mut self, entry: Entry, argument: Vec<u8>) -> Result<TypedResumableCall<u64>, wasmi::Error> {
        let Some(function) = self.instance.get_func(&self.store, entry.name()) else {
            return Err(wasmi::Error::host(Stop::Traps(Trap::NoEntry)));
        };
        let length = length_of(&argument);
        self.store.data_mut().given = argument;
        function.typed::<u32, u64>(&self.store)?.call_resumable(&mut self.store, length)
    }

    fn go_on(&mut self, results: &[Val]) -> Result<TypedResumableCall<u64>, wasmi::Error> {
        let stopped = self.stopped.take().ok_or_else(|| wasmi::Error::new("it had not stopped"))?;
        stopped.resume(&mut self.store, results)
    }

    fn returns(&mut self, parts: Parts, packed: u64) -> Turn {
        let (at, length) = unpack(packed);
        match host::part(parts.memory.data(&self.store), at, length).map(<[u8]>::to_vec) {
            Ok(bytes) => {
                spend(&mut self.store, parts, host::bytes_cost(bytes.len()));
                Turn::Returns(bytes)
            }
            Err(trap) => Turn::Traps(trap),
        }
    }

    fn stops(&mut self, stopped: TypedResumableCallHostTrap<u64>) -> Turn {
        let turn = match stopped.host_error().downcast_ref::<Stop>() {
            Some(Stop::Asks(code, asked)) => Turn::Asks(*code, asked.clone()),
            Some(Stop::Hungry) => Turn::Hungry,
            Some(Stop::Traps(trap)) => Turn::Traps(*trap),
            None => Turn::Faults(EngineFault(stopped.host_error().to_string())),
        };
        self.stopped = Some(stopped);
        turn
    }

    fn ends(&mut self, parts: Parts, error: &wasmi::Error) -> Turn {
        if let Some(Stop::Traps(trap)) = error.downcast_ref::<Stop>() {
            return Turn::Traps(*trap);
        }
        match error.as_trap_code() {
            Some(TrapCode::UnreachableCodeReached) => {
                Turn::Traps(host::unreachable(parts.room.get(&self.store).i32().unwrap_or_default()))
            }
            Some(TrapCode::MemoryOutOfBounds | TrapCode::TableOutOfBounds) => Turn::Traps(Trap::OutOfBounds),
            Some(TrapCode::IntegerOverflow | TrapCode::IntegerDivisionByZero | TrapCode::BadConversionToInteger) => {
                Turn::Traps(Trap::Arithmetic)
            }
            Some(TrapCode::IndirectCallToNull | TrapCode::BadSignature) => Turn::Traps(Trap::BadCall),
            _ => Turn::Faults(EngineFault(error.to_string())),
        }
    }
}

impl Parts {
    fn of(instance: &Instance, store: &Store<Host>) -> Option<Parts> {
        let memory = instance.get_memory(store, MEMORY)?;
        let (fuel, room) = (instance.get_global(store, FUEL)?, instance.get_global(store, ROOM)?);
        Some(Parts { memory, fuel, room })
    }
}

/// A question of the guest: always stops.
fn ask(mut caller: Caller<'_, Host>, code: u32, at: u32, length: u32) -> Result<u32, wasmi::Error> {
    let parts = parts(caller.data())?;
    let asked = host::part(parts.memory.data(&caller), at, length).map_err(trap)?.to_vec();
    spend(&mut caller, parts, host::bytes_cost(asked.len()));
    Err(wasmi::Error::host(Stop::Asks(code, asked)))
}

/// Copies what was given to the guest's memory.
fn take(mut caller: Caller<'_, Host>, at: u32) -> Result<(), wasmi::Error> {
    let parts = parts(caller.data())?;
    let (memory, host) = parts.memory.data_and_store_mut(&mut caller);
    host::write(memory, at, &host.given).map_err(trap)?;
    let cost = host::bytes_cost(host.given.len());
    spend(&mut caller, parts, cost);
    Ok(())
}

/// Takes from the fuel of a guest. The global is of the right type and mutable: the pass made it.
fn spend(mut store: impl AsContextMut, parts: Parts, cost: i64) {
    let left = parts.fuel.get(&store).i64().unwrap_or_default().saturating_sub(cost);
    let set = parts.fuel.set(&mut store, Val::I64(left));
    debug_assert!(set.is_ok(), "fuel is a mutable i64");
}

fn parts(host: &Host) -> Result<Parts, wasmi::Error> {
    host.parts.ok_or_else(|| wasmi::Error::new("the instance lacks what the pass adds"))
}

fn trap(trap: Trap) -> wasmi::Error {
    wasmi::Error::host(Stop::Traps(trap))
}

/// A length as guests see it. What is longer than 4 GiB fits into no guest.
fn length_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
