//! What went wrong, why, and what to do next: the one error that people and scripts get to see.
//!
//! Every part of the program has typed errors of its own; each says once how it is told. What a node says is told where
//! nodes are, in the service, and may come from another process.

pub use myceline_service::Code;

use crate::output::style;
use myceline_client::{DiscoverError, SubmitError, SyncError, local::LocalError};
use myceline_service::Failure;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use std::{error::Error, fmt, io, path::Path};

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError(Failure);

impl CliError {
    /// Says what happened.
    pub fn new(code: Code, message: impl fmt::Display) -> CliError {
        CliError(Failure::new(code, message))
    }

    /// Tells a typed error: what it says is what happened, its sources are why.
    pub fn telling(code: Code, error: &dyn Error) -> CliError {
        CliError(Failure::telling(code, error))
    }

    /// For `map_err`: a file that somebody named cannot be read.
    pub fn reading(file: &Path) -> impl FnOnce(io::Error) -> CliError {
        move |error| CliError::new(Code::NotFound, format_args!("cannot read {}", file.display())).because(&error)
    }

    /// Says why: a cause, and the causes of that cause.
    pub fn because(self, cause: &dyn Error) -> CliError {
        CliError(self.0.because(cause))
    }

    /// Says what failed as a whole; what was known so far becomes the first cause.
    pub fn during(mut self, what: impl fmt::Display) -> CliError {
        let cause = std::mem::replace(&mut self.0.message, what.to_string());
        self.0.causes.insert(0, cause);
        self
    }

    /// Adds a line about what to do next, best of all a command.
    pub fn hint(self, hint: impl Into<String>) -> CliError {
        CliError(self.0.hint(hint))
    }

    /// A mistake in the words of the command, as the parser tells it.
    pub fn usage(error: &clap::Error) -> CliError {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        CliError::new(Code::Usage, message).hint("myceline --help")
    }

    /// The kind of failure.
    pub fn code(&self) -> Code {
        self.0.code
    }
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> CliError {
        CliError(failure)
    }
}

impl From<CliError> for Failure {
    fn from(error: CliError) -> Failure {
        error.0
    }
}

impl From<SubmitError> for CliError {
    fn from(error: SubmitError) -> CliError {
        CliError(error.into())
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> CliError {
        CliError(error.into())
    }
}

impl From<LocalError> for CliError {
    fn from(error: LocalError) -> CliError {
        CliError(error.into())
    }
}

impl From<DiscoverError> for CliError {
    fn from(error: DiscoverError) -> CliError {
        CliError(error.into())
    }
}

/// As people read it, with colours that vanish where the reader is no terminal.
impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", style::bad("error:"), self.0.message)?;
        for cause in &self.0.causes {
            write!(f, "\n  {} {cause}", style::dim("why:"))?;
        }
        for hint in &self.0.hints {
            write!(f, "\n  {} {hint}", style::strong("try:"))?;
        }
        Ok(())
    }
}

/// As scripts read it: the same keys whatever happened.
impl Serialize for CliError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Failure { code, message, causes, hints, .. } = &self.0;
        let hint = (!hints.is_empty()).then(|| hints.join("\n"));
        let mut fields = serializer.serialize_struct("CliError", 4)?;
        fields.serialize_field("code", code.word())?;
        fields.serialize_field("message", message)?;
        fields.serialize_field("causes", causes)?;
        fields.serialize_field("hint", &hint)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the genesis")]
    struct Outer(#[source] io::Error);

    fn check(error: &CliError, human: Expect, json: Expect) {
        human.assert_eq(&anstream::adapter::strip_str(&error.to_string()).to_string());
        json.assert_eq(&serde_json::to_string(error).unwrap());
    }

    #[test]
    fn an_error_says_what_why_and_what_next() {
        let error = CliError::telling(Code::NotFound, &Outer(io::Error::other("the disk is on fire")))
            .hint("myceline net up")
            .hint("myceline wallet init --genesis FILE");
        check(
            &error,
            expect![[r#"
                error: cannot read the genesis
                  why: the disk is on fire
                  try: myceline net up
                  try: myceline wallet init --genesis FILE"#]],
            expect![[
                r#"{"code":"not-found","message":"cannot read the genesis","causes":["the disk is on fire"],"hint":"myceline net up\nmyceline wallet init --genesis FILE"}"#
            ]],
        );
    }

    #[test]
    fn an_error_without_advice_has_the_same_keys() {
        check(
            &CliError::new(Code::Refused, "no"),
            expect!["error: no"],
            expect![[r#"{"code":"refused","message":"no","causes":[],"hint":null}"#]],
        );
    }
}
