//! An application with its interface as a type, and why it did not do what it was asked.

use myceline_types::ApplicationId;
use std::{fmt, marker::PhantomData};

/// An application whose interface is `A`.
pub struct Application<A> {
    id: ApplicationId,
    interface: PhantomData<fn() -> A>,
}

impl<A> Application<A> {
    /// The application with this id. Nobody checks that it has this interface.
    pub fn new(id: ApplicationId) -> Application<A> {
        Application { id, interface: PhantomData }
    }

    /// Its id, the same on every chain.
    pub fn id(self) -> ApplicationId {
        self.id
    }
}

impl<A> Clone for Application<A> {
    fn clone(&self) -> Application<A> {
        *self
    }
}

impl<A> Copy for Application<A> {}

impl<A> fmt::Debug for Application<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Application").field(&self.id).finish()
    }
}

/// Why something did not work, as a user reads it. A panic of a contract is in it with its text, file and line.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl Failure {
    /// Whether the text says so.
    pub fn says(&self, part: &str) -> bool {
        self.0.contains(part)
    }

    pub(crate) fn of(why: impl fmt::Display) -> Failure {
        Failure(why.to_string())
    }
}

/// As it reads, since `unwrap` shows this.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What has to work. The panic is the test's.
#[track_caller]
pub(crate) fn sound<T>(outcome: Result<T, Failure>) -> T {
    match outcome {
        Ok(value) => value,
        Err(why) => panic!("{why}"),
    }
}
