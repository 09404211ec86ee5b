//! Running cargo: each command is shown before it runs, and its failure is ours.

use anyhow::{Context, Result, ensure};
use std::process::{Command, Stdio};

/// Tells tests that have a long form to take it.
pub const FULL: &str = "MYCELINE_FULL";

/// The cargo that started us, with `arguments` separated by single spaces.
pub fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(arguments.split(' '));
    command
}

/// Whether cargo knows the external subcommand `name`.
pub fn has_subcommand(name: &str) -> bool {
    let mut probe = cargo(name);
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// Shows and runs `command`; an error where it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// Runs `command` quietly and returns what it printed; an error where it does not succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(output.status.success(), "`{line}` failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not text"))
}

/// The command as a person would type it.
fn describe(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let program = command.get_program().to_string_lossy();
    // Cargo is started by its path.
    let name = program.rsplit('/').next().unwrap_or_default().to_owned();
    std::iter::once(name.into()).chain(arguments).collect::<Vec<_>>().join(" ")
}
