//! A validator's configuration: one file that an operator writes or `validator init` makes.

use serde::{Deserialize, Serialize};
use std::{net::SocketAddr, path::PathBuf};

/// What one validator process is told. Paths are relative to the file's folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Config {
    /// The network's genesis, as JSON.
    pub genesis: PathBuf,
    /// The secret key, as 64 hexadecimal digits in a file that only its owner can read.
    pub key: PathBuf,
    /// The folder of the embedded store. Made if it is missing.
    pub store: PathBuf,
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where metrics, health and readiness are served; nowhere if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<SocketAddr>,
    /// Threads that step chains; one for each core if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<usize>,
    /// The key was made from a published seed, so anybody can sign with it: listens on loopback only.
    #[serde(default)]
    pub insecure_key: bool,
}
