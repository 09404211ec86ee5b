//! One guest: the future, its mailbox, and the host's functions.

use crate::{
    host::{self, Machine, Step},
    instrument::{FUEL, MEMORY, ROOM},
};
use myceline_execution::engine::{EngineFault, Trap, Turn};
use myceline_types::guest::{Entry, unpack};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use wasmtime::{AsContextMut, Caller, Global, Instance, InstancePre, Memory, ResourceLimiter, Store, Val};

/// A guest of Wasmtime.
pub struct Coroutine {
    life: Pin<Box<dyn Future<Output = Turn> + Send>>,
    mailbox: Arc<Mutex<Mailbox>>,
}

/// What passes between a guest and whoever drives it.
#[derive(Default)]
struct Mailbox {
    step: Option<Step>,
    turn: Option<Turn>,
    fuel: i64,
}

/// What the host knows of a guest while its code runs.
pub struct Host {
    mailbox: Arc<Mutex<Mailbox>>,
    /// What `take` gives.
    given: Vec<u8>,
    parts: Option<Parts>,
    /// Whether memory grows within its bounds.
    may_grow: bool,
}

/// Parts of the instance that the host uses.
#[derive(Clone, Copy)]
struct Parts {
    memory: Memory,
    fuel: Global,
    room: Global,
}

impl Coroutine {
    /// A guest at rest.
    pub fn new(engine: &wasmtime::Engine, module: &InstancePre<Host>) -> wasmtime::Result<Coroutine> {
        let mailbox = Arc::new(Mutex::new(Mailbox::default()));
        let host = Host { mailbox: mailbox.clone(), given: Vec::new(), parts: None, may_grow: true };
        let mut store = Store::new(engine, host);
        store.limiter(|host| host);
        let instance = at_once(module.instantiate_async(&mut store))?;
        let parts = Parts::of(&instance, &mut store);
        store.data_mut().parts = parts;
        Ok(Coroutine { life: Box::pin(live(store, instance)), mailbox })
    }
}

impl Machine for Coroutine {
    fn go(&mut self, step: Step, fuel: &mut i64) -> Turn {
        *lock(&self.mailbox) = Mailbox { step: Some(step), turn: None, fuel: *fuel };
        let polled = self.life.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut mailbox = lock(&self.mailbox);
        *fuel = mailbox.fuel;
        match polled {
            Poll::Ready(turn) => turn,
            Poll::Pending => mailbox.turn.take().unwrap_or_else(|| broken("it stopped and said nothing")),
        }
    }
}

fn lock(mailbox: &Mutex<Mailbox>) -> MutexGuard<'_, Mailbox> {
    mailbox.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken(what: &str) -> Turn {
    Turn::Faults(EngineFault(what.into()))
}

/// What a future gives that has nothing to wait for: an instance runs no code before it is called.
fn at_once<T>(future: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(wasmtime::Error::msg("an instance waits for something")),
    }
}

/// Serves calls until one ends badly.
async fn live(mut store: Store<Host>, instance: Instance) -> Turn {
    let mut step = received(&store.data().mailbox).0;
    loop {
        let Some(Step::Call(entry, argument)) = step else { return broken("it was not called") };
        let returned = call(&mut store, &instance, entry, argument).await;
        let turn = returned.map_or_else(|error| end(&mut store, &error), Turn::Returns);
        let left = fuel_left(&mut store);
        if !matches!(turn, Turn::Returns(_)) {
            lock(&store.data().mailbox).fuel = left;
            return turn;
        }
        let mailbox = store.data().mailbox.clone();
        step = stop(&mailbox, turn, left).await.0;
    }
}

/// Calls an entry point, and gives what it returned.
async fn call(
    store: &mut Store<Host>,
    instance: &Instance,
    entry: Entry,
    argument: Vec<u8>,
) -> wasmtime::Result<Vec<u8>> {
    let fuel = lock(&store.data().mailbox).fuel;
    let parts = parts(store.data())?;
    parts.fuel.set(&mut *store, Val::I64(fuel))?;
    let function = instance.get_func(&mut *store, entry.name()).ok_or(Trap::NoEntry)?;
    let length = u32::try_from(argument.len()).map_err(|_| Trap::BadPointer)?;
    store.data_mut().given = argument;
    let function = function.typed::<u32, u64>(&*store)?;
    let (at, length) = unpack(function.call_async(&mut *store, length).await?);
    let returned = host::part(parts.memory.data(&*store), at, length)?.to_vec();
    spend(&mut *store, parts, host::bytes_cost(returned.len()))?;
    Ok(returned)
}

/// What the end of a guest was.
fn end(store: &mut Store<Host>, error: &wasmtime::Error) -> Turn {
    use wasmtime::Trap as Found;
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Turn::Traps(*trap);
    }
    match error.downcast_ref::<Found>() {
        Some(Found::UnreachableCodeReached) => Turn::Traps(host::unreachable(room_left(store))),
        Some(Found::MemoryOutOfBounds | Found::TableOutOfBounds) => Turn::Traps(Trap::OutOfBounds),
        Some(Found::IntegerOverflow | Found::IntegerDivisionByZero | Found::BadConversionToInteger) => {
            Turn::Traps(Trap::Arithmetic)
        }
        Some(Found::IndirectCallToNull | Found::BadSignature) => Turn::Traps(Trap::BadCall),
        _ => broken(&format!("{error:#}")),
    }
}

/// A question of the guest.
pub async fn ask(mut caller: Caller<'_, Host>, code: u32, at: u32, length: u32) -> wasmtime::Result<u32> {
    let parts = parts(caller.data())?;
    let asked = host::part(parts.memory.data(&caller), at, length)?.to_vec();
    let left = spend(&mut caller, parts, host::bytes_cost(asked.len()))?;
    let mailbox = caller.data().mailbox.clone();
    let (step, fuel) = stop(&mailbox, Turn::Asks(code, asked), left).await;
    let Some(Step::Answer(answer)) = step else { return Err(wasmtime::Error::msg("it was not answered")) };
    parts.fuel.set(&mut caller, Val::I64(fuel))?;
    let length = u32::try_from(answer.len()).map_err(|_| Trap::BadPointer)?;
    caller.data_mut().given = answer;
    Ok(length)
}

/// Copies what was given to the guest's memory.
pub fn take(mut caller: Caller<'_, Host>, at: u32) -> wasmtime::Result<()> {
    let parts = parts(caller.data())?;
    let (memory, host) = parts.memory.data_and_store_mut(&mut caller);
    host::write(memory, at, &host.given)?;
    let cost = host::bytes_cost(host.given.len());
    spend(&mut caller, parts, cost)?;
    Ok(())
}

/// The guest has less fuel than nothing.
pub async fn hungry(mut caller: Caller<'_, Host>) -> wasmtime::Result<()> {
    let parts = parts(caller.data())?;
    let left = spend(&mut caller, parts, 0)?;
    let mailbox = caller.data().mailbox.clone();
    let (_, fuel) = stop(&mailbox, Turn::Hungry, left).await;
    parts.fuel.set(&mut caller, Val::I64(fuel))
}

/// Says something, and waits for what comes next.
async fn stop(mailbox: &Mutex<Mailbox>, turn: Turn, fuel: i64) -> (Option<Step>, i64) {
    {
        let mut mailbox = lock(mailbox);
        mailbox.turn = Some(turn);
        mailbox.fuel = fuel;
    }
    let mut polled = false;
    poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    received(mailbox)
}

fn received(mailbox: &Mutex<Mailbox>) -> (Option<Step>, i64) {
    let mut mailbox = lock(mailbox);
    (mailbox.step.take(), mailbox.fuel)
}

/// Takes from the fuel of a guest, and gives what is left.
fn spend(mut store: impl AsContextMut, parts: Parts, cost: i64) -> wasmtime::Result<i64> {
    let left = parts.fuel.get(&mut store).i64().unwrap_or_default().saturating_sub(cost);
    parts.fuel.set(&mut store, Val::I64(left))?;
    Ok(left)
}

fn fuel_left(store: &mut Store<Host>) -> i64 {
    let fuel = store.data().parts.map(|parts| parts.fuel.get(store));
    fuel.and_then(|fuel| fuel.i64()).unwrap_or_default()
}

fn room_left(store: &mut Store<Host>) -> i32 {
    let room = store.data().parts.map(|parts| parts.room.get(store));
    room.and_then(|room| room.i32()).unwrap_or_default()
}

fn parts(host: &Host) -> wasmtime::Result<Parts> {
    host.parts.ok_or_else(|| wasmtime::Error::msg("the instance lacks what the pass adds"))
}

impl Parts {
    fn of(instance: &Instance, store: &mut Store<Host>) -> Option<Parts> {
        let memory = instance.get_memory(&mut *store, MEMORY)?;
        let fuel = instance.get_global(&mut *store, FUEL)?;
        let room = instance.get_global(&mut *store, ROOM)?;
        Some(Parts { memory, fuel, room })
    }
}

/// Memory and tables have their bounds in the module. Growth within them must not fail on one machine only.
impl ResourceLimiter for Host {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.may_grow = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if self.may_grow { Err(error) } else { Ok(()) }
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.may_grow = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if self.may_grow { Err(error) } else { Ok(()) }
    }
}
