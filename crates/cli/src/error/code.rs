//! The kinds of failure that scripts can tell apart. Numbers and words never change their meaning.

use std::process::ExitCode;

/// The kind of a failure: the exit code for shells, a word for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Something that no other code describes.
    General,
    /// The words of the command make no sense.
    Usage,
    /// There is no such wallet, chain, key or file.
    NotFound,
    /// The network said no.
    Refused,
    /// Another command holds the wallet.
    Busy,
    /// Too few tokens.
    InsufficientFunds,
    /// The keys stay locked: the password is missing or wrong.
    Locked,
    /// Too few validators answered.
    Unreachable,
    /// Whoever read the output stopped reading, as `head` does. Nothing is said about it.
    OutputClosed,
    /// Somebody ended the command before it was done.
    Interrupted,
}

impl Code {
    /// All of them, in order of their numbers.
    pub const ALL: [Code; 10] = [
        Code::General,
        Code::Usage,
        Code::NotFound,
        Code::Refused,
        Code::Busy,
        Code::InsufficientFunds,
        Code::Locked,
        Code::Unreachable,
        Code::OutputClosed,
        Code::Interrupted,
    ];

    /// The exit code of the process.
    pub fn number(self) -> u8 {
        self.row().0
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// What it means, for the help.
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (u8, &'static str, &'static str) {
        match self {
            Code::General => (1, "general", "failed for a reason that has no code of its own"),
            Code::Usage => (2, "usage", "the command line makes no sense"),
            Code::NotFound => (3, "not-found", "no such wallet, chain, key or file"),
            Code::Refused => (4, "refused", "refused by the network"),
            Code::Busy => (5, "busy", "another command holds the wallet"),
            Code::InsufficientFunds => (6, "insufficient-funds", "too few tokens"),
            Code::Locked => (7, "locked", "the password is missing or wrong"),
            Code::Unreachable => (8, "unreachable", "too few validators answered"),
            Code::OutputClosed => (9, "output-closed", "nobody reads the output any more"),
            Code::Interrupted => (10, "interrupted", "ended by a signal before it was done"),
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_from_one_and_words_are_distinct() {
        let numbers: Vec<u8> = Code::ALL.into_iter().map(Code::number).collect();
        assert_eq!(numbers, (1..=10).collect::<Vec<u8>>());
        let words: std::collections::BTreeSet<_> = Code::ALL.into_iter().map(Code::word).collect();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
