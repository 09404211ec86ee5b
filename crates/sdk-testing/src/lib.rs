//! Tests of applications on a whole network: four real validators in this process, over stores in memory.
//!
//! Two of the validators compile applications with Wasmtime and two interpret them, and a block needs three votes for one and
//! the same header. So every test runs on both engines at once: where they differ in a result, in the state or in a unit of
//! fuel, which has a price here, the block is refused and the test fails.
//!
//! ```no_run
//! use myceline_sdk_testing::{Module, Network};
//! # use myceline_sdk_testing::Application;
//! # struct CounterAbi;
//! # #[derive(serde::Serialize, serde::Deserialize)] enum Operation { Increment { by: u64 } }
//! # impl myceline_sdk::ContractAbi for CounterAbi { type Operation = Operation; type Response = u64; }
//!
//! let network = Network::new();
//! let ann = network.chain();
//! let module = ann.publish(&Module::build("counter"));
//! let counter: Application<CounterAbi> = ann.create(module, &(), &5u64);
//! assert_eq!(ann.call(counter, &Operation::Increment { by: 37 }), 42);
//! assert_eq!(ann.graphql(counter, "{ value }")["value"], 42);
//! ```
//!
//! Nothing here is `async`, and nothing happens by itself: messages wait until [`Chain::receive`], events until
//! [`Chain::process_events`], and time passes by [`Network::advance`]. A call that has to work fails the test where it does
//! not; its twin whose name begins with `try` gives the [`Failure`].
//!
//! With `MYCELINE_FEES=1` in the environment, each network prints at its end what every block cost.

mod application;
mod chain;
mod clock;
mod engines;
mod fees;
mod module;
mod network;
mod query;

pub use application::{Application, Failure};
pub use chain::{Chain, Received};
pub use fees::{Entry, Fees};
pub use module::{CONTRACT_PROFILE, Module, WASM, has_target};
pub use network::{CHAINS, Network, Settings, Snapshot, prices};
