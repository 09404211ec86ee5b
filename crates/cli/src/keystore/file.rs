//! What is in the file of a keystore. Its meaning is in the parent module.

use myceline_types::{Owner, encoding::Opaque};
use serde::{Deserialize, Serialize};

/// Everything in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Content {
    /// How secrets are kept from others.
    pub protection: Protection,
    /// In the order in which they came.
    pub keys: Vec<Row>,
}

/// How secrets are kept from others.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Protection {
    /// Not at all: for tests.
    None,
    /// Sealed under a key that follows from a password.
    Password(PasswordLock),
}

/// How the key follows from the password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordLock {
    /// Memory that each guess costs.
    pub memory_kib: u32,
    /// How often that memory is filled.
    pub passes: u32,
    /// How many processors could share the work.
    pub lanes: u32,
    /// Random, so that two files never share a key.
    pub salt: Opaque,
    /// Nothing, sealed: it opens under the right key only.
    pub check: Opaque,
}

/// One owner's secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub owner: Owner,
    /// Sealed, or plain where there is no protection.
    pub secret: Opaque,
}
