//! All questions, by code.

use super::{CallFacts, Facts, HttpAnswer, HttpRequest, Question};
use crate::{
    Account, Amount, ApplicationDescription, ApplicationId, BlobId, ChainConfig, ChainId, Holder, ModuleId, Owner,
    Ownership, Permissions, StreamId, Timestamp,
    encoding::{self, DecodeError, Opaque},
};
use serde::{Deserialize, Serialize};

/// Declares every question once: its type for the guest, and its case of [`Asked`] for the host.
macro_rules! questions {
    ($($(#[$doc:meta])* $code:literal $name:ident($asked:ty) -> $answer:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Question for $name {
                const CODE: u32 = $code;
                type Asked = $asked;
                type Answer = $answer;
            }
        )*

        /// A question as the host reads it.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Asked {
            $($(#[$doc])* $name($asked),)*
        }

        impl Asked {
            /// Reads a question; `None` where no question has this code.
            pub fn decode(code: u32, bytes: &[u8]) -> Option<Result<Asked, DecodeError>> {
                match code {
                    $($code => Some(encoding::from_bytes(bytes).map(Asked::$name)),)*
                    _ => None,
                }
            }

            /// What a question is called in errors.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Asked::$name(_) => stringify!($name),)*
                }
            }
        }
    };
}

questions! {
    /// What stays the same as long as the instance lives.
    0 GetFacts(()) -> Facts;
    /// What is known about this call.
    1 GetCall(()) -> CallFacts;
    /// The canonical bytes of the parameters that the application was created with.
    2 GetParameters(()) -> Opaque;
    /// What an application was created from.
    3 DescribeApplication(ApplicationId) -> ApplicationDescription;
    /// The last words of a guest that gives up: text, file and line. There is no answer.
    4 Panic(String) -> ();
    /// Something for whoever watches the log of this node.
    5 Log(LogLine) -> ();
    /// The fuel that is left to the transaction.
    6 RemainingFuel(()) -> u64;

    /// The value under a key of the application's state on this chain.
    16 Get(Opaque) -> Option<Opaque>;
    /// Entries of that state.
    17 Scan(KeyRange) -> Vec<(Opaque, Opaque)>;
    /// Stores a value under a key, or removes it. Contracts only.
    18 Put((Opaque, Option<Opaque>)) -> ();

    /// What is in an account on this chain.
    32 GetBalance(Holder) -> Amount;
    /// Accounts of owners on this chain, after one, at most so many.
    33 ListBalances((Option<Owner>, u32)) -> Vec<(Owner, Amount)>;
    /// What an owner lets a spender spend.
    34 GetAllowance((Owner, Owner)) -> Amount;
    /// All allowances on this chain, after one (owner, spender), at most so many.
    35 ListAllowances((Option<(Owner, Owner)>, u32)) -> Vec<(Owner, Owner, Amount)>;
    /// Moves value from an account that this call may act for.
    36 Transfer((Holder, Account, Amount)) -> ();
    /// Asks another chain to pay out of an account there.
    37 Claim(ClaimRequest) -> ();
    /// Lets somebody spend from an account that this call may act for.
    38 Approve((Owner, Owner, Amount)) -> ();
    /// Moves value that an owner lets a spender spend, if this call may act for the spender.
    39 TransferFrom((Owner, Owner, Account, Amount)) -> ();

    /// Sends a message to the same application on another chain.
    48 Send(OutgoingMessage) -> ();
    /// Calls another application on this chain and gives what it returns. With `true` it learns who calls, and the signer's
    /// authority is passed on.
    49 Call((ApplicationId, bool, Opaque)) -> Opaque;
    /// Emits an event on one of the application's streams; its index in the stream.
    50 Emit((Opaque, Opaque)) -> u32;
    /// What an event says. An event that does not exist yet makes the block wait for it.
    51 ReadEvent((ChainId, StreamId, u32)) -> Opaque;
    /// Follows a stream of another chain from an index on.
    52 Subscribe((ChainId, StreamId, u32)) -> ();
    /// No longer follows it.
    53 Unsubscribe((ChainId, StreamId)) -> ();

    /// Who proposes blocks of this chain.
    64 GetOwnership(()) -> Ownership;
    /// What applications may do on this chain.
    65 GetPermissions(()) -> Permissions;
    /// Opens a chain; its balance is taken from the application's own account.
    66 OpenChain(ChainConfig) -> ChainId;
    /// Closes this chain. Needs the permission to manage it, as the next two do.
    67 CloseChain(()) -> ();
    /// Replaces the ownership from the next block on.
    68 ChangeOwnership(Ownership) -> ();
    /// Replaces the permissions from the next transaction on.
    69 ChangePermissions(Permissions) -> ();
    /// Publishes a blob of data.
    70 PublishBlob(Opaque) -> BlobId;
    /// Publishes a module: the code of a contract and of a service.
    71 PublishModule((Opaque, Opaque)) -> ModuleId;
    /// Creates an application: module, parameters, instantiation argument.
    72 CreateApplication((ModuleId, Opaque, Opaque)) -> ApplicationId;

    /// The content of a blob of data.
    80 ReadBlob(BlobId) -> Opaque;
    /// Fails unless a blob exists.
    81 AssertBlob(BlobId) -> ();
    /// Fails unless it is earlier, by every validator's own clock. Recorded as an oracle's answer.
    82 AssertBefore(Timestamp) -> ();
    /// Asks the web. In a block it is recorded as an oracle's answer.
    83 AskWeb(HttpRequest) -> HttpAnswer;
    /// Queries the service of an application on this chain. In a block it is recorded as an oracle's answer.
    84 QueryService((ApplicationId, Opaque)) -> Opaque;
    /// An operation that a block is to hold once the query is answered. Services only.
    85 Schedule(Opaque) -> ();
}

/// Which entries of the application's state are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyRange {
    /// What their keys begin with.
    pub prefix: Opaque,
    /// The first key of interest, itself beginning with the prefix.
    pub start: Opaque,
    /// At most so many.
    pub limit: u32,
}

/// A line for a node's log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogLine {
    /// How important it is.
    pub level: LogLevel,
    /// What it says.
    pub text: String,
}

/// How important a line of a log is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum LogLevel {
    /// Something went wrong.
    Error,
    /// Something may go wrong.
    Warn,
    /// Something happened.
    Info,
    /// For whoever looks for a mistake.
    Debug,
    /// Everything.
    Trace,
}

/// Asks a chain to pay out of an account there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// The chain with the account.
    pub chain: ChainId,
    /// Whose account: somebody whom this call may act for.
    pub owner: Owner,
    /// Where the value goes.
    pub to: Account,
    /// How much.
    pub amount: Amount,
}

/// A message to the same application on another chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// Where it goes.
    pub recipient: ChainId,
    /// What it says.
    pub bytes: Opaque,
    /// Whether the signer's authority goes with it.
    pub is_authenticated: bool,
    /// Whether it comes back when it is rejected.
    pub is_tracked: bool,
    /// What pays for its execution there; taken from the chain here, and what is left comes back.
    pub grant: Amount,
}
