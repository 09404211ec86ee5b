//! The kinds of failure that programs can tell apart: one table, for the exit codes of commands, for `extensions.code` of
//! GraphQL errors, and for `myceline explain`. Numbers and words never change their meaning.

use serde::{Deserialize, Serialize};
use std::{process::ExitCode, str::FromStr};

/// The kind of a failure: the exit code for shells, a word for JSON and GraphQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Code {
    /// Something that no other code describes.
    General,
    /// The words of the command, or the query, make no sense.
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
    /// The code of an application gave up.
    ApplicationFailed,
    /// The token is missing or wrong, or the page may not ask here.
    Unauthorized,
    /// The service only reads.
    ReadOnly,
}

/// What is known about a code.
struct Row {
    number: u8,
    word: &'static str,
    meaning: &'static str,
    happened: &'static str,
    advice: &'static str,
}

impl Code {
    /// All of them, in order of their numbers.
    pub const ALL: [Code; 13] = [
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
        Code::ApplicationFailed,
        Code::Unauthorized,
        Code::ReadOnly,
    ];

    /// The exit code of the process.
    pub fn number(self) -> u8 {
        self.row().number
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// What happened, in full sentences.
    pub fn happened(self) -> &'static str {
        self.row().happened
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        self.row().advice
    }

    fn row(self) -> Row {
        match self {
            Code::General => Row {
                number: 1,
                word: "general",
                meaning: "failed for a reason that has no code of its own",
                happened: "Something failed on this machine, or in a way that programs need not tell apart. The message and its causes say what.",
                advice: "Read the causes. The same command with -vv says more about what happened on the way.",
            },
            Code::Usage => Row {
                number: 2,
                word: "usage",
                meaning: "the command line or the query makes no sense",
                happened: "Words of the command, or fields and arguments of a GraphQL query, are not what is understood here. Nothing was done.",
                advice: "For a command: the same words with --help. For GraphQL: the page at the service's address shows every field with its arguments. For the JSON of an application: myceline app describe APPLICATION.",
            },
            Code::NotFound => Row {
                number: 3,
                word: "not-found",
                meaning: "no such wallet, chain, key or file",
                happened: "What was named does not exist, or nothing that answers knows it. A chain that others opened is known here only after it was read.",
                advice: "Check the name or id: myceline wallet show. Read what is new: myceline sync, or the mutation sync.",
            },
            Code::Refused => Row {
                number: 4,
                word: "refused",
                meaning: "refused by the network",
                happened: "A rule of the protocol says no to the block, and every honest validator would. Nothing was done.",
                advice: "Read the reason and change what the block does. Permissions and owners of a chain: myceline chain show CHAIN.",
            },
            Code::Busy => Row {
                number: 5,
                word: "busy",
                meaning: "another command holds the wallet",
                happened: "One process at a time uses a wallet's store. Commands go through a running service by themselves; those that cannot say so.",
                advice: "Wait for the other command (--wait 60s), or end the service, or use another wallet (--wallet DIR).",
            },
            Code::InsufficientFunds => Row {
                number: 6,
                word: "insufficient-funds",
                meaning: "too few tokens",
                happened: "An account has less than it was to give, or somebody may spend less of it than they wanted. Nothing was done.",
                advice: "See what there is: myceline balance. Take in what others sent: myceline sync, or the mutation processInbox.",
            },
            Code::Locked => Row {
                number: 7,
                word: "locked",
                meaning: "the password is missing or wrong",
                happened: "The keys of the wallet are encrypted, and nothing that was given opens them.",
                advice: "Give the password with --password-file FILE, or in the variable MYCELINE_PASSWORD, or at a terminal.",
            },
            Code::Unreachable => Row {
                number: 8,
                word: "unreachable",
                meaning: "too few validators answered",
                happened: "The validators that answer do not have enough weight to settle a block, or they took too long. A block that was begun may still become final, and it is never made twice.",
                advice: "Check the connection, and finish what was begun: myceline sync, or the mutation sync.",
            },
            Code::OutputClosed => Row {
                number: 9,
                word: "output-closed",
                meaning: "nobody reads the output any more",
                happened: "Whoever read the output of the command stopped reading, as head does.",
                advice: "Nothing is wrong. What the command did before that is done.",
            },
            Code::Interrupted => Row {
                number: 10,
                word: "interrupted",
                meaning: "ended by a signal before it was done",
                happened: "Somebody pressed Ctrl-C, or the system asked the command to end.",
                advice: "A block that was begun is finished by: myceline sync.",
            },
            Code::ApplicationFailed => Row {
                number: 11,
                word: "application-failed",
                meaning: "the code of an application gave up",
                happened: "A contract or a service panicked, or reached a limit while it ran. The transaction was undone, and no block was made of it. Where the code said so, extensions.text is what it said, and extensions.file and extensions.line are where.",
                advice: "If it is your application, look at that line. Otherwise ask for something else: the application does not do this.",
            },
            Code::Unauthorized => Row {
                number: 12,
                word: "unauthorized",
                meaning: "the token is missing or wrong, or the page may not ask here",
                happened: "The service wants a token that the request does not carry, or a page of another site asked, and the service was not told to let it.",
                advice: "Send the header Authorization: Bearer TOKEN, or {\"token\": \"TOKEN\"} when a WebSocket is opened. For a page: myceline service --cors ORIGIN.",
            },
            Code::ReadOnly => Row {
                number: 13,
                word: "read-only",
                meaning: "the service only reads",
                happened: "The service was started with --read-only, and the request would make a block.",
                advice: "Make the block with a command of the wallet, or start the service without --read-only.",
            },
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code.number())
    }
}

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Code, String> {
        let is_it = |code: &Code| code.word() == text || code.number().to_string() == text;
        Code::ALL.into_iter().find(is_it).ok_or_else(|| format!("{text:?} is no code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_count_up_from_one_and_words_are_distinct() {
        let numbers: Vec<u8> = Code::ALL.into_iter().map(Code::number).collect();
        assert_eq!(numbers, (1..=13).collect::<Vec<u8>>());
        let words: BTreeSet<_> = Code::ALL.into_iter().map(Code::word).collect();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn every_code_is_found_by_its_word_and_explained() {
        for code in Code::ALL {
            assert_eq!((code.word().parse(), code.number().to_string().parse()), (Ok(code), Ok(code)));
            for sentence in [code.happened(), code.advice()] {
                assert!(sentence.ends_with('.') && sentence.len() > 30, "{code:?} is not explained: {sentence}");
            }
        }
    }
}
