//! Applications: modules of code that anybody publishes, and what is created from them.

use crate::{ApplicationId, BlobId, BlobKind, BlockHeight, ChainId, Hash, blob::Blob, encoding, encoding::Opaque};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The code of an application: two blobs of Wasm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ModuleId {
    /// The hash of the contract's blob.
    pub contract: Hash,
    /// The hash of the service's blob.
    pub service: Hash,
}

impl ModuleId {
    /// The blob that holds the contract.
    pub fn contract_blob(&self) -> BlobId {
        BlobId { kind: BlobKind::Contract, hash: self.contract }
    }

    /// The blob that holds the service.
    pub fn service_blob(&self) -> BlobId {
        BlobId { kind: BlobKind::Service, hash: self.service }
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.contract, self.service)
    }
}

/// A text that names no module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no module: expected the hashes of a contract and of a service, each of 64 hex digits, with a colon between"
)]
pub struct ParseModuleIdError(String);

impl FromStr for ModuleId {
    type Err = ParseModuleIdError;

    fn from_str(text: &str) -> Result<ModuleId, ParseModuleIdError> {
        let hashes = text.split_once(':').and_then(|(contract, service)| {
            Some(ModuleId { contract: contract.parse().ok()?, service: service.parse().ok()? })
        });
        hashes.ok_or_else(|| ParseModuleIdError(text.into()))
    }
}

/// What an application is created from. Its hash, as a blob, is the application's id on every chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApplicationDescription {
    /// Its code.
    pub module: ModuleId,
    /// The chain on which it was created.
    pub creator: ChainId,
    /// The block that created it.
    pub height: BlockHeight,
    /// How many applications that block created before it.
    pub index: u32,
    /// The canonical bytes of its parameters, the same on every chain.
    pub parameters: Opaque,
}

impl ApplicationDescription {
    /// The blob that publishes it.
    pub fn blob(&self) -> Blob {
        Blob { kind: BlobKind::Application, bytes: Opaque(encoding::to_bytes(self)) }
    }

    /// The application's id.
    pub fn id(&self) -> ApplicationId {
        ApplicationId(self.blob().id().hash)
    }
}

impl ApplicationId {
    /// The blob that holds the application's description.
    pub fn blob(&self) -> BlobId {
        BlobId { kind: BlobKind::Application, hash: self.0 }
    }
}

/// A stream of events on a chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct StreamId {
    /// The application that emits.
    pub application: ApplicationId,
    /// The stream's name among those of the application.
    pub name: Opaque,
}
