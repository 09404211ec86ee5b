//! Runs the code of applications: by Wasmtime natively, by an interpreter where machine code cannot be made.
//!
//! Whatever must be the same on every engine and machine (what is accepted, fuel, the depth of calls, the bits of floats,
//! the growth of memory) is written into the module by [`check`]'s rewriting pass, so that an engine only has to run
//! plain Wasm. It knows neither state nor questions: a guest that asks stops, and whoever drives it answers.

mod cache;
#[cfg(not(target_arch = "wasm32"))]
mod compiled;
mod host;
mod instrument;
mod interpreted;
pub mod limits;
mod single;
#[cfg(not(target_arch = "wasm32"))]
mod tiered;

#[cfg(not(target_arch = "wasm32"))]
pub use compiled::{Native, Wasmtime};
pub use instrument::{METERING, check};
pub use interpreted::{Interpreter, Portable};
pub use single::Single;
#[cfg(not(target_arch = "wasm32"))]
pub use tiered::Tiered;
