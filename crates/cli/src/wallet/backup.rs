//! All of a wallet in one file: the network, the chains and their names, and the keys as they are protected here.
//!
//! The local node's store is not part of it: everything in there can be read again from the validators.

use super::Wallet;
use crate::{
    document::{self, DocumentError, Kind},
    keystore::StoredKeys,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-backup", version: 1, is_secret: true };

/// All of a wallet.
#[derive(Debug, Serialize, Deserialize)]
pub struct Backup {
    /// The network and the chains.
    pub wallet: Wallet,
    /// The keys, sealed as they were; none where only the chains were wanted or there are none.
    pub keys: Option<StoredKeys>,
}

impl Backup {
    /// Reads a backup.
    pub fn read(path: &Path) -> Result<Backup, DocumentError> {
        document::read(path, KIND)
    }

    /// Writes a backup.
    pub fn write(&self, path: &Path) -> Result<(), DocumentError> {
        document::write(path, KIND, self)
    }
}
