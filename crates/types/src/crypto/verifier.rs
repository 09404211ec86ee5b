//! The production [`Verifier`]: cryptography, and a memory of what it has found to be true.
//!
//! Only successes are remembered, under everything that they depend on, so a memory can make an answer faster but never
//! another one.

use super::{curve, ed25519, ethereum, passkey, recent::Recent};
use crate::{
    Hash, NetworkId, Owner, OwnerSignature, ValidatorKey, Verifier,
    merkle::Path,
    vote::{self, VOTES_PER_SIGNATURE_MAX, ValidatorSignature, VoteSignature},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Roots of vote batches remembered: at 162 bytes each, less than a megabyte for everything that a large committee signs
/// in a second.
const ROOTS_MAX: usize = 4096;
/// Owner signatures remembered: more than all frames in flight hold, so that what a batch has checked is still known
/// when its proposal is.
const OWNER_CLAIMS_MAX: usize = 8192;
/// The longest path from a vote to the top of its batch.
const PATH_MAX: usize = VOTES_PER_SIGNATURE_MAX.ilog2() as usize;

/// Checks signatures and remembers which were right. One for all threads of a process.
pub struct CryptoVerifier {
    roots: Mutex<Recent<CheckedRoot>>,
    claims: Mutex<Recent<Hash>>,
}

/// That a validator signed a batch of votes. What differs most stands first, so that comparing is short.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CheckedRoot {
    signature: ValidatorSignature,
    top: Hash,
    signer: ValidatorKey,
    network: NetworkId,
}

/// That `owner` signed `digest`.
#[derive(Clone, Copy, Debug)]
pub struct OwnerClaim<'a> {
    /// Who is said to have signed.
    pub owner: &'a Owner,
    /// What.
    pub digest: Hash,
    /// What is to prove it.
    pub signature: &'a OwnerSignature,
}

impl Default for CryptoVerifier {
    fn default() -> CryptoVerifier {
        CryptoVerifier::new()
    }
}

impl CryptoVerifier {
    /// Remembers nothing yet.
    pub const fn new() -> CryptoVerifier {
        CryptoVerifier { roots: Mutex::new(Recent::new(ROOTS_MAX)), claims: Mutex::new(Recent::new(OWNER_CLAIMS_MAX)) }
    }

    /// Checks the signatures of many proposals or requests at once, which for Ed25519 owners takes three fifths of the
    /// time. What holds is remembered, so the later [`Verifier::owner`] of the same claim is a look-up.
    pub fn verify_owner_batch(&self, claims: &[OwnerClaim<'_>]) -> Vec<bool> {
        let facts: Vec<Hash> = claims.iter().map(OwnerClaim::fact).collect();
        let mut holds = self.known(&facts);
        let open: Vec<usize> = (0..claims.len()).filter(|index| !holds[*index]).collect();
        let batch: Vec<ed25519::Claim<'_>> = open.iter().filter_map(|index| claims[*index].as_ed25519()).collect();
        let batch_holds = batch.len() > 1 && ed25519::verify_all(&batch);
        for index in &open {
            let claim = &claims[*index];
            holds[*index] = batch_holds && claim.as_ed25519().is_some() || claim.holds();
        }
        self.remember(open.iter().filter(|index| holds[**index]).map(|index| facts[*index]));
        holds
    }

    fn known(&self, facts: &[Hash]) -> Vec<bool> {
        let mut known = lock(&self.claims);
        facts.iter().map(|fact| known.contains(fact)).collect()
    }

    fn remember(&self, facts: impl Iterator<Item = Hash>) {
        let mut known = lock(&self.claims);
        facts.for_each(|fact| known.insert(fact));
    }
}

impl Verifier for CryptoVerifier {
    fn vote(&self, network: NetworkId, key: &ValidatorKey, leaf: Hash, signature: &VoteSignature) -> bool {
        let Some(top) = top_of_batch(leaf, &signature.path) else { return false };
        let root = CheckedRoot { signature: signature.signature, top, signer: *key, network };
        if lock(&self.roots).contains(&root) {
            return true;
        }
        let signer = curve::recover(vote::batch_digest(network, top), &root.signature.0);
        let holds = signer.is_some_and(|point| point.compressed() == *key);
        if holds {
            lock(&self.roots).insert(root);
        }
        holds
    }

    fn owner(&self, owner: &Owner, digest: Hash, signature: &OwnerSignature) -> bool {
        let claim = OwnerClaim { owner, digest, signature };
        let fact = claim.fact();
        if lock(&self.claims).contains(&fact) {
            return true;
        }
        let holds = claim.holds();
        self.remember(holds.then_some(fact).into_iter());
        holds
    }
}

/// The top of the batch that holds `leaf`; `None` where a batch cannot be as large as the path says.
fn top_of_batch(leaf: Hash, path: &Path) -> Option<Hash> {
    (path.siblings.len() <= PATH_MAX).then(|| path.top(leaf)).flatten()
}

/// A thread that panicked with the lock has at worst left a fact out.
fn lock<T>(facts: &Mutex<T>) -> MutexGuard<'_, T> {
    facts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> OwnerClaim<'a> {
    fn as_ed25519(&self) -> Option<ed25519::Claim<'a>> {
        match (self.owner, self.signature) {
            (Owner::Ed25519(key), OwnerSignature::Ed25519(signature)) => {
                Some(ed25519::Claim { key, digest: self.digest, signature: &signature.0 })
            }
            _ => None,
        }
    }

    fn holds(&self) -> bool {
        match (self.owner, self.signature) {
            (Owner::Ed25519(_), OwnerSignature::Ed25519(_)) => self.as_ed25519().is_some_and(ed25519::verify),
            (Owner::Ethereum(address), OwnerSignature::Ethereum(signature)) => {
                ethereum::verify(address, self.digest, &signature.0)
            }
            (Owner::Passkey(key), OwnerSignature::Passkey { authenticator_data, client_data_json, signature }) => {
                let assertion = passkey::Assertion {
                    authenticator_data: &authenticator_data.0,
                    client_data_json: &client_data_json.0,
                    signature: &signature.0,
                };
                passkey::verify(key, self.digest, assertion)
            }
            (Owner::Ed25519(_) | Owner::Ethereum(_) | Owner::Passkey(_) | Owner::Application(_), _) => false,
        }
    }

    /// Names the claim with all that it depends on.
    fn fact(&self) -> Hash {
        Hash::of_value("OwnerClaim", &(self.owner, self.digest, self.signature))
    }
}
