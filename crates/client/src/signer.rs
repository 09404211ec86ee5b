//! Who holds the owner's keys. They may be in this process, in a browser's vault, or on a device with a button.

use myceline_sessions::Statement;
use myceline_types::{
    NetworkId, Owner, OwnerSecret, OwnerSignature,
    portable::{MaybeSend, MaybeSync},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Arc,
};

/// Signs for owners. A value of this type is a handle: clones share the keys.
pub trait Signer: Clone + MaybeSend + MaybeSync + 'static {
    /// For whom it signs.
    fn owners(&self) -> BTreeSet<Owner>;

    /// Whether it signs for `owner`.
    fn holds(&self, owner: &Owner) -> bool {
        self.owners().contains(owner)
    }

    /// As whom it proposes on public chains (R31): only a validator does.
    fn validator(&self) -> Option<Owner> {
        None
    }

    /// Signs a statement's digest on `network`. It may show the statement to a person first.
    fn sign(
        &self,
        owner: Owner,
        statement: Statement,
        network: NetworkId,
    ) -> impl Future<Output = Result<OwnerSignature, SignError>> + MaybeSend;
}

/// Why there is no signature.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignError {
    /// The key is not here: unlock it, or use the device that has it.
    #[error("the key of {0} is not at hand")]
    NoKey(Owner),
    /// Whoever holds the key said no.
    #[error("the owner declined to sign")]
    Declined,
    /// The key's holder cannot be reached or failed: try again.
    #[error("the key cannot be used now: {0}")]
    Unavailable(String),
}

/// Secrets in memory, for programs that act by themselves and for tests.
#[derive(Clone, Debug, Default)]
pub struct MemorySigner(Arc<BTreeMap<Owner, OwnerSecret>>);

impl FromIterator<OwnerSecret> for MemorySigner {
    fn from_iter<I: IntoIterator<Item = OwnerSecret>>(secrets: I) -> MemorySigner {
        MemorySigner(Arc::new(secrets.into_iter().map(|secret| (secret.owner(), secret)).collect()))
    }
}

impl Signer for MemorySigner {
    fn owners(&self) -> BTreeSet<Owner> {
        self.0.keys().copied().collect()
    }

    fn holds(&self, owner: &Owner) -> bool {
        self.0.contains_key(owner)
    }

    async fn sign(&self, owner: Owner, statement: Statement, network: NetworkId) -> Result<OwnerSignature, SignError> {
        let secret = self.0.get(&owner).ok_or(SignError::NoKey(owner))?;
        Ok(secret.sign(statement.digest(network)))
    }
}
