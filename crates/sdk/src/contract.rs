//! The half of an application that changes state: metered, deterministic, and part of what everybody agrees on.

use crate::{ContractAbi, ContractRuntime, WithContractAbi, host};
use myceline_types::{encoding, guest::StreamUpdate};
use serde::{Serialize, de::DeserializeOwned};

/// What a contract is asked to do.
pub type Operation<C> = <<C as WithContractAbi>::Abi as ContractAbi>::Operation;
/// What a contract answers.
pub type Response<C> = <<C as WithContractAbi>::Abi as ContractAbi>::Response;

/// A contract. It is loaded when a transaction first needs it, and stored when the transaction ends well. A panic undoes
/// everything that the transaction did, and its text reaches whoever sent it.
pub trait Contract: WithContractAbi + Sized {
    /// What instances of the application on different chains say to each other.
    type Message: Serialize + DeserializeOwned;
    /// What is fixed when the application is created, the same on every chain.
    type Parameters: Serialize + DeserializeOwned;
    /// What the application starts from on the chain that creates it.
    type InstantiationArgument: Serialize + DeserializeOwned;
    /// What the application's event streams say.
    type EventValue: Serialize + DeserializeOwned;

    /// The contract as the chain has it.
    fn load(runtime: ContractRuntime<Self>) -> Self;

    /// The application is created here. Called once, on the chain that creates it.
    fn instantiate(&mut self, argument: Self::InstantiationArgument);

    /// An operation of a block, or a call by another application.
    fn execute_operation(&mut self, operation: Operation<Self>) -> Response<Self>;

    /// A message of the same application on another chain.
    fn execute_message(&mut self, message: Self::Message);

    /// Events came on streams that this chain follows.
    fn process_streams(&mut self, _updates: Vec<StreamUpdate>) {}

    /// The transaction ends well. The state collections write at once, so only what is held elsewhere need be written here.
    fn store(self) {}
}

/// What an entry point does, by the name of its export.
#[doc(hidden)]
pub mod entries {
    use super::*;

    pub fn instantiate<C: Contract>(contract: &mut Option<C>, length: u32) -> i64 {
        loaded(contract).instantiate(argument(length));
        host::give(Vec::new())
    }

    pub fn execute_operation<C: Contract>(contract: &mut Option<C>, length: u32) -> i64 {
        let response = loaded(contract).execute_operation(argument(length));
        host::give(encoding::to_bytes(&response))
    }

    pub fn execute_message<C: Contract>(contract: &mut Option<C>, length: u32) -> i64 {
        loaded(contract).execute_message(argument(length));
        host::give(Vec::new())
    }

    pub fn process_streams<C: Contract>(contract: &mut Option<C>, length: u32) -> i64 {
        loaded(contract).process_streams(argument(length));
        host::give(Vec::new())
    }

    pub fn store<C: Contract>(contract: &mut Option<C>, _length: u32) -> i64 {
        contract.take().into_iter().for_each(C::store);
        host::give(Vec::new())
    }

    fn loaded<C: Contract>(contract: &mut Option<C>) -> &mut C {
        host::report_panics();
        contract.get_or_insert_with(|| C::load(ContractRuntime::new()))
    }

    fn argument<T: DeserializeOwned>(length: u32) -> T {
        host::decode(&host::argument(length))
    }
}

/// Makes a binary the contract of an application: `contract!(Counter);`. The file begins with
/// `#![cfg_attr(target_arch = "wasm32", no_main)]`.
///
/// An exported function needs a name that no other one has, which the compiler cannot see and calls unsafe. These are the
/// names of entry points; a binary that used them twice would not link.
#[macro_export]
macro_rules! contract {
    ($contract:ty) => {
        $crate::exports!($contract, contract, instantiate, execute_operation, execute_message, process_streams, store);
    };
}

/// Exports entry points; see [`contract`](crate::contract!) and [`service`](crate::service!).
#[doc(hidden)]
#[macro_export]
macro_rules! exports {
    ($guest:ty, $kind:ident, $($entry:ident),*) => {
        #[cfg(target_arch = "wasm32")]
        mod exported {
            #[allow(unused_imports, reason = "a name may come from here or be a path")]
            use super::*;
            ::std::thread_local!(
                static GUEST: ::std::cell::RefCell<::core::option::Option<$guest>> =
                    const { ::std::cell::RefCell::new(None) }
            );
            $(
                #[allow(unsafe_code, reason = "the names of entry points are used once")]
                #[unsafe(no_mangle)]
                extern "C" fn $entry(length: u32) -> i64 {
                    GUEST.with_borrow_mut(|guest| $crate::$kind::entries::$entry(guest, length))
                }
            )*
        }

        /// Outside of Wasm there is nothing to run: tests call the traits. The entry points are named, so that the compiler
        /// knows what they use.
        #[cfg(not(target_arch = "wasm32"))]
        fn main() {
            $(let _ = $crate::$kind::entries::$entry::<$guest>;)*
        }
    };
}
