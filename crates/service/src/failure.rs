//! What went wrong, why, and what to do next: the one error that people, scripts and pages get to see.
//!
//! Every part of the program has typed errors of its own; each is told once, here. A failure can travel to another
//! process.

use crate::code::Code;
use async_graphql::ErrorExtensionValues;
use myceline_client::{DiscoverError, SubmitError, SyncError, local::LocalError};
use myceline_node::{Problem, Staged};
use myceline_types::{ApplicationId, Refusal};
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt};

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind.
    pub code: Code,
    /// What happened.
    pub message: String,
    /// Why, from the nearest cause to the last.
    pub causes: Vec<String>,
    /// What to do next, best of all a command.
    pub hints: Vec<String>,
    /// Where an application gave up, if one did.
    pub gave_up: Option<Box<GaveUp>>,
}

/// Where and why the code of an application gave up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaveUp {
    /// Which application.
    pub application: ApplicationId,
    /// What it said.
    pub text: String,
    /// The source file and line, where it said so.
    pub place: Option<(String, u32)>,
}

impl Failure {
    /// Says what happened.
    pub fn new(code: Code, message: impl fmt::Display) -> Failure {
        Failure { code, message: message.to_string(), causes: Vec::new(), hints: Vec::new(), gave_up: None }
    }

    /// Tells a typed error: what it says is what happened, its sources are why.
    pub fn telling(code: Code, error: &dyn Error) -> Failure {
        let told = Failure::new(code, error);
        error.source().into_iter().fold(told, Failure::because)
    }

    /// Says why: a cause, and the causes of that cause.
    pub fn because(mut self, cause: &dyn Error) -> Failure {
        let mut next = Some(cause);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    /// Adds a line about what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }
}

impl GaveUp {
    /// The SDK ends the text of a panic with a comma, the file, a colon and the line. What other guests say is text.
    fn read(application: ApplicationId, why: &str) -> GaveUp {
        let found = why.rsplit_once(", ").and_then(|(text, place)| {
            let (file, line) = place.rsplit_once(':')?;
            Some((text, (file.to_owned(), line.parse().ok()?)))
        });
        match found {
            Some((text, place)) => GaveUp { application, text: text.into(), place: Some(place) },
            None => GaveUp { application, text: why.into(), place: None },
        }
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Failure {
        match problem {
            Problem::Balance { .. } | Problem::Allowance { .. } => Failure::telling(Code::InsufficientFunds, problem)
                .hint("see what there is: myceline balance")
                .hint("take in what others sent: myceline sync"),
            Problem::Application { id, why } => Failure {
                gave_up: Some(Box::new(GaveUp::read(*id, why))),
                ..Failure::telling(Code::ApplicationFailed, problem)
            },
            Problem::UnknownApplication(_) => Failure::telling(Code::NotFound, problem),
            _ => Failure::telling(Code::Refused, problem),
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Failure {
        match error {
            SubmitError::Fails { problem, .. } => Failure::from(&problem),
            SubmitError::NoQuorum { .. } | SubmitError::OutOfTime => Failure::telling(Code::Unreachable, &error)
                .hint("nothing is lost, and what was begun is finished by: myceline sync"),
            SubmitError::Rejected(refusal) => Failure::telling(Code::Refused, &Refusal::clone(&refusal)),
            SubmitError::NotOwner(_) => {
                Failure::telling(Code::NotFound, &error).hint("see which keys there are: myceline wallet show")
            }
            SubmitError::Lacks(_) => Failure::telling(Code::NotFound, &error),
            SubmitError::Sync(error) => error.into(),
            SubmitError::Local(error) => error.into(),
            _ => Failure::telling(Code::General, &error),
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Failure {
        match error {
            SyncError::NoSuchChain(_) => Failure::telling(Code::NotFound, &error),
            SyncError::Unreachable => Failure::telling(Code::Unreachable, &error),
            SyncError::Local(error) => error.into(),
        }
    }
}

impl From<LocalError> for Failure {
    fn from(error: LocalError) -> Failure {
        match &error {
            LocalError::UnknownChain(_) => {
                Failure::telling(Code::NotFound, &error).hint("fetch it first: myceline sync")
            }
            _ => Failure::telling(Code::General, &error),
        }
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Failure {
        Failure::telling(Code::Unreachable, &error)
    }
}

/// A query that was stopped.
impl From<Staged> for Failure {
    fn from(why: Staged) -> Failure {
        match why {
            Staged::Fails { problem, .. } => Failure::from(&problem),
            Staged::Lacks(need) => Failure::new(Code::NotFound, format_args!("it needs {need}")),
            Staged::Fault(why) => Failure::new(Code::General, why),
            Staged::Block(_) | Staged::Nothing => Failure::new(Code::General, "the service gave no answer"),
        }
    }
}

/// As GraphQL tells it: the word of the code, and what else is known, in `extensions`.
impl From<Failure> for async_graphql::Error {
    fn from(failure: Failure) -> async_graphql::Error {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", failure.code.word());
        if !failure.causes.is_empty() {
            extensions.set("causes", failure.causes);
        }
        if !failure.hints.is_empty() {
            extensions.set("hint", failure.hints.join("\n"));
        }
        if let Some(gave_up) = failure.gave_up {
            extensions.set("application", gave_up.application.to_string());
            extensions.set("text", gave_up.text);
            if let Some((file, line)) = gave_up.place {
                extensions.set("file", file);
                extensions.set("line", line);
            }
        }
        async_graphql::Error { message: failure.message, source: None, extensions: Some(extensions) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::Hash;

    #[test]
    fn a_panic_says_where_it_was_whatever_its_text() {
        let id = ApplicationId(Hash::ZERO);
        let read = |why| {
            let GaveUp { text, place, .. } = GaveUp::read(id, why);
            (text, place)
        };
        let place = |file: &str, line| Some((file.to_owned(), line));
        assert_eq!(read("no room, src/contract.rs:35"), ("no room".into(), place("src/contract.rs", 35)));
        assert_eq!(read("a, b: c, x.rs:7"), ("a, b: c".into(), place("x.rs", 7)));
        assert_eq!(read("it looped, at 7:30 pm"), ("it looped, at 7:30 pm".into(), None));
        assert_eq!(read("its calls are nested too deeply"), ("its calls are nested too deeply".into(), None));
    }
}
