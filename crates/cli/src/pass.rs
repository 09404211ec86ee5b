//! What a service leaves in the folder of its wallet, so that other commands of the owner find it and may use it.
//!
//! It is only a hint: who holds the wallet is decided by the lock. A pass whose service is gone opens nothing.

use crate::{
    document::{self, DocumentError, Kind},
    wallet::Folder,
};
use myceline_service::Remote;
use serde::{Deserialize, Serialize};
use std::{
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// What the file calls itself.
const KIND: Kind = Kind { format: "myceline-service", version: 1, is_secret: true };
/// How long a process on this machine may take to be found.
const CONNECT_WAIT: Duration = Duration::from_secs(1);

/// Where a service is, and what it lets in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pass {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it wants to be shown.
    pub token: String,
}

impl Pass {
    /// The pass in the folder of a wallet, if there is one.
    pub fn read(folder: &Folder) -> Result<Option<Pass>, DocumentError> {
        match document::read(&folder.pass(), KIND) {
            Ok(pass) => Ok(Some(pass)),
            Err(DocumentError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves the pass for other commands.
    pub fn write(&self, folder: &Folder) -> Result<(), DocumentError> {
        document::write(&folder.pass(), KIND, self)
    }

    /// Takes the pass away. Where that fails it opens nothing all the same.
    pub fn remove(folder: &Folder) {
        let _ = std::fs::remove_file(folder.pass());
    }

    /// The node behind it.
    pub fn remote(&self) -> Remote {
        Remote { address: self.address, token: self.token.clone() }
    }

    /// The service's address for people.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether something answers there.
    pub fn is_alive(&self) -> bool {
        TcpStream::connect_timeout(&self.address, CONNECT_WAIT).is_ok()
    }
}
