//! Blobs: immutable data that chains share, named by kind and content.

use crate::{Hash, encoding::Opaque};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a blob is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum BlobKind {
    /// Whatever its publisher likes.
    Data,
    /// The canonical bytes of a [`Committee`](crate::Committee).
    Committee,
    /// The Wasm code of a contract, checked when it is published.
    Contract,
    /// The Wasm code of a service, checked when it is published.
    Service,
    /// The canonical bytes of an [`ApplicationDescription`](crate::ApplicationDescription), made by the block that creates it.
    Application,
}

/// Kinds with their names in text.
const NAMES: [(BlobKind, &str); 5] = [
    (BlobKind::Data, "data"),
    (BlobKind::Committee, "committee"),
    (BlobKind::Contract, "contract"),
    (BlobKind::Service, "service"),
    (BlobKind::Application, "application"),
];

/// The name of a blob. As text: its kind, a colon and the hash of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct BlobId {
    /// What it is for.
    pub kind: BlobKind,
    /// The hash of kind and content.
    pub hash: Hash,
}

/// A blob with its content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blob {
    /// What it is for.
    pub kind: BlobKind,
    /// The content.
    pub bytes: Opaque,
}

impl Blob {
    /// Data that its publisher makes sense of.
    pub fn data(bytes: Vec<u8>) -> Blob {
        Blob { kind: BlobKind::Data, bytes: Opaque(bytes) }
    }

    /// The blob's name.
    pub fn id(&self) -> BlobId {
        BlobId { kind: self.kind, hash: Hash::of_value("Blob", self) }
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{name}:{}", self.hash)
    }
}

/// A text that names no blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no blob: expected data:<64 hex digits>, or committee, contract, service or application before the colon"
)]
pub struct ParseBlobIdError(String);

impl FromStr for BlobId {
    type Err = ParseBlobIdError;

    fn from_str(text: &str) -> Result<BlobId, ParseBlobIdError> {
        let error = || ParseBlobIdError(text.into());
        let (kind, hash) = text.split_once(':').ok_or_else(error)?;
        let (kind, _) = *NAMES.iter().find(|(_, name)| *name == kind).ok_or_else(error)?;
        Ok(BlobId { kind, hash: hash.parse().map_err(|_| error())? })
    }
}
