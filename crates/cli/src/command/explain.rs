//! `myceline explain`: what a code of an error means, and what to do about it.

use crate::{
    CliError, Code, Context,
    output::{Table, style, table::Column},
};
use serde::Serialize;
use std::fmt;

/// Explain the code of an error
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Errors of commands carry a code with --json and as exit code, errors of the service in extensions.code.

Examples:
  myceline explain application-failed
  myceline explain 6                     by exit code
  myceline explain                       all of them in short")]
pub struct Explain {
    /// The code, as a word or a number [default: all]
    code: Option<Code>,
}

/// What a code means.
#[derive(Serialize)]
struct Explained {
    code: &'static str,
    exit_code: u8,
    meaning: &'static str,
    happened: &'static str,
    advice: &'static str,
}

/// All codes.
#[derive(Serialize)]
struct All {
    codes: Vec<Explained>,
}

impl Explain {
    /// Explains it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.code {
            Some(code) => context.output.report(&Explained::from(code)),
            None => context.output.report(&All { codes: Code::ALL.into_iter().map(Explained::from).collect() }),
        }
    }
}

impl From<Code> for Explained {
    fn from(code: Code) -> Explained {
        Explained {
            code: code.word(),
            exit_code: code.number(),
            meaning: code.meaning(),
            happened: code.happened(),
            advice: code.advice(),
        }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  {}, exit code {}", style::strong(self.code), self.meaning, self.exit_code)?;
        write!(f, "\n{}\n\n{}", self.happened, self.advice)
    }
}

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([Column::Right("exit"), Column::Left("code"), Column::Left("meaning")]);
        for code in &self.codes {
            table.row([code.exit_code.to_string(), code.code.into(), code.meaning.into()]);
        }
        write!(f, "{table}")
    }
}
