//! The command line as a type, and the way from words to an exit code.

use crate::{
    CliError, Code, Context,
    command::Command,
    output::{Format, Options, Output},
    password::PasswordSource,
    scheduling,
    wallet::Folder,
};
use clap::{ArgAction, CommandFactory as _, Parser, ValueEnum};
use std::{ffi::OsString, path::PathBuf, process::ExitCode, time::Duration};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// A network of microchains that you can run, use and measure.
#[derive(Debug, Parser)]
#[command(name = "myceline", version, after_help = exit_codes(), disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// Write JSON to stdout, for scripts: one value, or one per line where a command goes on
    #[arg(long, global = true)]
    json: bool,
    /// Write nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more about what happens; twice or three times for even more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    color: Color,
    /// The wallet's folder [default: myceline in the folder for data of programs]
    #[arg(long, global = true, value_name = "DIR", env = "MYCELINE_WALLET", hide_env_values = true)]
    wallet: Option<PathBuf>,
    /// How long to wait for another command that uses the wallet; 0s not at all
    #[arg(long, global = true, value_name = "TIME", default_value = "10s", value_parser = humantime::parse_duration)]
    wait: Duration,
    /// A file with the password of the wallet's keys; MYCELINE_PASSWORD or a question otherwise
    #[arg(long, global = true, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    /// In a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The whole command line, for completions.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Reads the words of this process, does what they say, and answers with the exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    match Arguments::try_parse_from(&words) {
        Ok(arguments) => run(arguments),
        Err(error) => answer_without_command(&error, &words),
    }
}

fn run(arguments: Arguments) -> ExitCode {
    let Arguments { global, command } = arguments;
    global.color.apply();
    log_to_stderr(global.verbose, global.quiet);
    scheduling::take_turns();
    let output = Output::new(global.options());
    let result = global.context(output).and_then(|mut context| command.run(&mut context));
    finish(&output, result)
}

fn finish(output: &Output, result: Result<(), CliError>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    output.error(&error);
    error.code().into()
}

/// Help and version are answers; anything else is a mistake in the words, reported as errors are.
fn answer_without_command(error: &clap::Error, words: &[OsString]) -> ExitCode {
    let wants_json = words.iter().any(|word| word == "--json");
    if error.use_stderr() && wants_json {
        let output = Output::new(Options { format: Format::Json, quiet: false });
        return finish(&output, Err(CliError::usage(error)));
    }
    // Nothing useful can be done about a closed terminal.
    let _ = error.print();
    if error.use_stderr() { Code::Usage.into() } else { ExitCode::SUCCESS }
}

impl Global {
    fn options(&self) -> Options {
        Options { format: if self.json { Format::Json } else { Format::Human }, quiet: self.quiet }
    }

    fn context(self, output: Output) -> Result<Context, CliError> {
        let folder = self.wallet.map(Folder::new).map_or_else(Folder::of_this_user, Ok)?;
        Ok(Context { output, folder, patience: self.wait, passwords: PasswordSource::new(self.password_file) })
    }
}

impl Color {
    fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        // Progress bars are drawn by a crate with switches of its own.
        console::set_colors_enabled_stderr(
            anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never,
        );
    }
}

/// Shows the logs of our own crates; those of others would drown them.
fn log_to_stderr(verbose: u8, quiet: bool) {
    let level = match verbose {
        _ if quiet => tracing::Level::ERROR,
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let ansi = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(ansi);
    // Another subscriber exists only where a program embeds this one, and then its choice stands.
    let _ = tracing_subscriber::registry().with(layer).with(Targets::new().with_target("myceline", level)).try_init();
}

/// The exit codes, for the end of the help.
fn exit_codes() -> String {
    let lines = Code::ALL.iter().map(|code| format!("\n  {:2}  {}", code.number(), code.meaning()));
    format!("Exit codes:\n   0  done{}", lines.collect::<String>())
}
