//! The `myceline` binary. Everything it does is in the library beside it, where examples and tests can reach it.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A block is thousands of small pieces of memory that one thread makes and another frees: a seventh of its cost with
/// the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    myceline_cli::main()
}
