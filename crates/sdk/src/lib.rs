//! What the author of an application writes against.
//!
//! An application is a library with its interface ([`ContractAbi`], [`ServiceAbi`]) and two binaries: a [`Contract`], which
//! changes state, and a [`Service`], which answers queries. Both keep their state in [collections](state) and ask their host
//! through a [`ContractRuntime`] or [`ServiceRuntime`]; nothing is `async`. Natively the host is a [mock], so that unit
//! tests need no network.

pub mod abi;
pub mod contract;
mod contract_runtime;
pub mod describe;
#[cfg(feature = "graphql")]
pub mod graphql;
mod host;
pub mod log;
#[cfg(not(target_arch = "wasm32"))]
pub mod mock;
mod runtime;
pub mod service;
mod service_runtime;
pub mod state;

pub use abi::{ContractAbi, ServiceAbi, WithContractAbi, WithServiceAbi};
pub use contract::Contract;
pub use contract_runtime::{AccountPermissionError, ContractRuntime, MessageBuilder};
pub use describe::Describe;
pub use myceline_state::{OrderedKey, key};
pub use myceline_types as types;
pub use service::Service;
pub use service_runtime::ServiceRuntime;
pub use state::{Family, Log, Map, Queue, Register, Set, State, Storage};

#[cfg(feature = "graphql")]
pub use myceline_sdk_macros::Mutations;
pub use myceline_sdk_macros::{Describe, State};

#[doc(hidden)]
pub use serde_json;
