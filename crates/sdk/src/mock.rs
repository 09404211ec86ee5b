//! A host for unit tests: everything that a contract may ask is set by the test, and everything that it does is kept.
//!
//! ```
//! use myceline_sdk::{Register, State, mock::Mock};
//!
//! let mock = Mock::new();
//! let mut count: Register<u64> = Register::load(mock.storage());
//! count.set(3);
//! assert_eq!(count.get(), 3);
//! ```
//!
//! What others would answer (the web, services, other applications, new chains) is *expected* first. A question that nobody
//! expects fails the test, and so does an expectation that nobody asks for.

mod answers;
mod world;

pub use world::{Call, NewApplication, Query, World};

use crate::{ContractRuntime, ServiceRuntime, Storage};
use myceline_types::{encoding, guest::Asked};
use serde::de::DeserializeOwned;
use std::{cell::RefCell, marker::PhantomData, thread};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// The host of this thread, from [`Mock::new`] until it is dropped.
#[derive(Debug)]
pub struct Mock {
    of_this_thread: PhantomData<*const ()>,
}

impl Mock {
    /// A host that knows a chain without blocks, and no money.
    #[expect(clippy::new_without_default, reason = "it sets up the whole thread")]
    pub fn new() -> Mock {
        let before = WORLD.replace(Some(World::default()));
        assert!(before.is_none(), "a thread has one mock at a time");
        Mock { of_this_thread: PhantomData }
    }

    /// Changes or reads what the host knows.
    pub fn with<R>(&self, visit: impl FnOnce(&mut World) -> R) -> R {
        WORLD.with_borrow_mut(|world| visit(world.as_mut().expect("a mock lives as long as its world")))
    }

    /// What a contract is loaded with.
    pub fn contract_runtime<C>(&self) -> ContractRuntime<C> {
        ContractRuntime::new()
    }

    /// What a service is made with.
    pub fn service_runtime<S>(&self) -> ServiceRuntime<S> {
        ServiceRuntime::new()
    }

    /// The entries of the application.
    pub fn storage(&self) -> Storage {
        Storage::new()
    }

    /// The operations that services scheduled so far, which are forgotten.
    pub fn scheduled<O: DeserializeOwned>(&self) -> Vec<O> {
        self.with(|world| std::mem::take(&mut world.scheduled)).iter().map(|bytes| decoded(bytes)).collect()
    }

    /// The messages sent so far with the chains that they go to, which are forgotten. [`World::messages`] says more.
    pub fn sent<M: DeserializeOwned>(&self) -> Vec<(myceline_types::ChainId, M)> {
        let messages = self.with(|world| std::mem::take(&mut world.messages));
        messages.iter().map(|message| (message.recipient, decoded(&message.bytes.0))).collect()
    }

    /// The events of a stream so far.
    pub fn emitted<E: DeserializeOwned>(&self, stream_name: &[u8]) -> Vec<E> {
        let events = self.with(|world| world.events.get(stream_name).cloned().unwrap_or_default());
        events.iter().map(|bytes| decoded(bytes)).collect()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let world = WORLD.take();
        if !thread::panicking() {
            assert_eq!(world.map(|world| world.unmet()).unwrap_or_default(), [""; 0], "expected, but never asked for");
        }
    }
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> T {
    encoding::from_bytes(bytes).expect("what was sent has the type that the test asks for")
}

/// The host's answer, as bytes.
pub(crate) fn answer(code: u32, bytes: &[u8]) -> Vec<u8> {
    let asked = Asked::decode(code, bytes).expect("the SDK asks what exists").expect("the SDK asks in canonical bytes");
    WORLD.with_borrow_mut(|world| match world {
        Some(world) => world.answer(asked),
        None => panic!("there is no host here: begin the test with `Mock::new()`"),
    })
}
