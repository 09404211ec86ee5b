//! The `myceline` binary. Everything it does is in the library beside it, where examples and tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    myceline_cli::main()
}
