//! The nouns as GraphQL scalars: the same texts and numbers as in JSON. A feature, for services of applications.

use crate::{
    Account, Amount, ApplicationId, BlobId, BlockHash, BlockHeight, ChainId, Hash, Holder, ModuleId, Owner, StreamId,
    Timestamp, encoding::Opaque,
};
use async_graphql::scalar;

scalar!(Account, "Account", "An account of a chain: the chain's id, optionally followed by / and an owner");
scalar!(Amount, "Amount", "An amount of tokens as a decimal number in a text");
scalar!(ApplicationId, "ApplicationId", "An application: 64 hexadecimal digits");
scalar!(BlobId, "BlobId", "A blob: its kind and its hash");
scalar!(BlockHash, "BlockHash", "The name of a block: 64 hexadecimal digits");
scalar!(BlockHeight, "BlockHeight", "How many blocks come before a block on its chain");
scalar!(ChainId, "ChainId", "A chain: 64 hexadecimal digits");
scalar!(Hash, "Hash", "A hash: 64 hexadecimal digits");
scalar!(Holder, "Holder", "'chain' or an owner");
scalar!(ModuleId, "ModuleId", "The code of an application: the hashes of its contract and its service");
scalar!(Opaque, "Bytes", "Bytes in hexadecimal digits");
scalar!(Owner, "Owner", "An owner, such as ed25519:<64 hex digits> or 0x<40 hex digits>");
scalar!(StreamId, "StreamId", "A stream of events: the application that emits, and a name");
scalar!(Timestamp, "Timestamp", "Microseconds since the Unix epoch");
