//! What a command tells: results on stdout, for people or for scripts; everything else on stderr.
//!
//! With `--json`, stdout carries exactly one JSON value, or one per line where a command goes on; an error is such a value
//! too, `{"error": …}`. Keys are stable. Colours are written always and removed at the stream where nobody would see them.

pub mod human;
pub mod progress;
pub mod style;
pub mod table;

pub use progress::Progress;
pub use table::Table;

use crate::{CliError, Code};
use serde::{Serialize, Serializer};
use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
};

/// The answer of a command: one value, told to people by `Display` and to scripts by `Serialize`.
pub trait Report: Serialize + Display {}
impl<T: Serialize + Display> Report for T {}

/// Who reads stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A person.
    Human,
    /// A script.
    Json,
}

/// How much is told, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Who reads stdout.
    pub format: Format,
    /// Whether notes and progress are left out.
    pub quiet: bool,
}

/// Where a command tells what it did.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    options: Options,
}

/// An error as a script finds it on stdout.
#[derive(Serialize)]
struct ErrorLine<'a> {
    error: &'a CliError,
}

/// Writes a value for scripts as people write it.
pub(crate) fn as_text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl Output {
    /// The standard streams of this process.
    pub fn new(options: Options) -> Output {
        Output { options }
    }

    /// Who reads stdout.
    pub fn format(&self) -> Format {
        self.options.format
    }

    /// Tells a result. A command that goes on reports many times; any other exactly once.
    pub fn report(&self, report: &impl Report) -> Result<(), CliError> {
        self.text(render(self.options.format, report))
    }

    /// Writes a finished text, whoever reads: a script for a shell, for example.
    pub fn text(&self, text: impl Display) -> Result<(), CliError> {
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| cannot_write(&error))
    }

    /// Says something on the way. It may get lost without harm.
    pub fn note(&self, text: impl Display) {
        if !self.options.quiet {
            let _ = writeln!(anstream::stderr(), "{} {text}", style::dim("note:"));
        }
    }

    /// Shows how far something is that may take longer than a second; `total` where it is known.
    pub fn progress(&self, what: &str, total: Option<u64>) -> Progress {
        let is_seen = !self.options.quiet && self.options.format == Format::Human && io::stderr().is_terminal();
        if is_seen { Progress::shown(what, total) } else { Progress::hidden() }
    }

    /// Whether only results and errors are wanted.
    pub fn is_quiet(&self) -> bool {
        self.options.quiet
    }

    /// Tells why a command failed. Where even that cannot be written, the exit code remains.
    pub fn error(&self, error: &CliError) {
        let _ = match self.options.format {
            _ if error.code() == Code::OutputClosed => Ok(()),
            Format::Human => writeln!(anstream::stderr(), "{error}"),
            Format::Json => writeln!(anstream::stdout(), "{}", json(&ErrorLine { error })),
        };
    }
}

fn render(format: Format, report: &impl Report) -> String {
    match format {
        Format::Human => report.to_string(),
        Format::Json => json(report),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("reports have text keys and no other way to fail")
}

fn cannot_write(error: &io::Error) -> CliError {
    let code = if error.kind() == io::ErrorKind::BrokenPipe { Code::OutputClosed } else { Code::General };
    CliError::new(code, "cannot write the result").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;

    #[derive(Serialize)]
    struct Balance {
        chain: &'static str,
        tokens: u64,
    }

    impl Display for Balance {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} has {} tokens", style::strong(self.chain), self.tokens)
        }
    }

    #[test]
    fn one_value_is_told_to_people_and_to_scripts() {
        let balance = Balance { chain: "ann", tokens: 7 };
        assert_eq!(anstream::adapter::strip_str(&render(Format::Human, &balance)).to_string(), "ann has 7 tokens");
        assert_eq!(render(Format::Json, &balance), r#"{"chain":"ann","tokens":7}"#);
    }

    #[test]
    fn a_reader_that_left_is_told_apart_from_a_full_disk() {
        assert_eq!(cannot_write(&io::ErrorKind::BrokenPipe.into()).code(), Code::OutputClosed);
        assert_eq!(cannot_write(&io::ErrorKind::StorageFull.into()).code(), Code::General);
    }
}
