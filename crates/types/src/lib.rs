//! The nouns of the protocol and their one canonical encoding: ids, amounts, owners, blocks, votes, certificates,
//! committees, blobs, and everything that crosses the wire. No behaviour beyond what a noun can know by itself.
//!
//! Signatures are made and checked in `crypto`, a feature that contracts do without. Bytes from elsewhere become
//! facts in [`checked`] and nowhere else.

pub mod account;
pub mod amount;
pub mod api;
pub mod application;
pub mod blob;
pub mod block;
pub mod certificate;
pub mod checked;
pub mod committee;
#[cfg(feature = "crypto")]
pub mod crypto;
pub mod description;
pub mod encoding;
pub mod fact;
pub mod genesis;
#[cfg(feature = "graphql")]
mod graphql;
pub mod guest;
pub mod hash;
pub mod header;
pub mod ids;
mod keccak;
pub mod merkle;
pub mod message;
pub mod mutation;
pub mod owner;
pub mod ownership;
pub mod policy;
pub mod portable;
pub mod proposal;
pub mod refusal;
pub mod time;
pub mod transaction;
pub mod vote;
pub mod words;

pub use account::{Account, Holder};
pub use amount::Amount;
pub use application::{ApplicationDescription, ModuleId, StreamId};
pub use blob::{Blob, BlobId, BlobKind};
pub use block::{
    Block, Body, CertifiedBlock, EntryProof, Event, EventLink, List, OperationResult, OracleAnswer, OracleRecord,
    Outcome, ProposedBlock,
};
pub use certificate::{Certificate, CertificateKind, InvalidCertificate, Signers, TimeoutCertificate, TimeoutVote};
pub use checked::{Authority, Checked, InvalidRequest, Verifier};
pub use committee::{Committee, InvalidCommittee, Resilience, Validator, ValidatorKey};
#[cfg(feature = "crypto")]
pub use crypto::{CryptoVerifier, OwnerSecret, ValidatorSecret};
pub use description::{ChainConfig, ChainDescription, Origin, Permissions};
pub use encoding::{DecodeError, Opaque};
pub use fact::Fact;
pub use genesis::{Genesis, InvalidGenesis};
pub use hash::Hash;
pub use header::{Header, Roots};
pub use ids::{ApplicationId, BlockHash, BlockHeight, BundleHash, ChainId, Epoch, NetworkId, Round};
pub use message::{
    Bundle, Cursor, InboxEntry, Message, MessageContent, MessageKind, MessageLink, SentMessage, SystemMessage,
};
#[doc(hidden)]
pub use mutation::Mutation;
pub use owner::Owner;
pub use ownership::{InvalidOwnership, Leaders, OwnerSet, Ownership, Timeouts};
pub use policy::{Limits, Policy, Prices, WebPolicy};
pub use proposal::{Justification, OwnerSignature, Proposal, TimeoutRequest};
pub use refusal::{BlockProblem, Difference, Evidence, Missing, Refusal, TimeoutAnswer};
pub use time::{TimeDelta, Timestamp};
pub use transaction::{BundleAction, EpochOperation, IncomingBundle, Operation, Transaction};
pub use vote::{Ballot, Phase, Position, Report, SignedVote, Slot, ValidatorSignature, Vote, VoteSignature};
