//! The production [`Verifier`]: cryptography, and a memory of what it has found to be true.
//!
//! Only successes are remembered, under everything that they depend on, so a memory can make an answer faster but never
//! another one.

use super::{
    curve, ed25519, ethereum, passkey,
    recent::{Name, Recent},
    signed_tree::{LEVELS_MAX, SignedTree},
};
use crate::{
    Hash, NetworkId, Owner, OwnerSignature, ValidatorKey, Verifier,
    merkle::Path,
    vote::{self, ValidatorSignature, VoteSignature},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Signed trees of votes remembered: everything that a large committee signs in a second. Where validators are busy each
/// takes two kilobytes, so all of them nine megabytes.
const TREES_MAX: usize = 4096;
/// Owner signatures remembered: more than all frames in flight hold, so that what a batch has checked is still known
/// when its proposal is. At most 1.5 MB.
const OWNER_CLAIMS_MAX: usize = 8192;
/// Keys of owners remembered as points: of those who sign again and again. At most a megabyte.
const OWNER_KEYS_MAX: usize = 4096;

/// Checks signatures and remembers which were right. One for all threads of a process.
pub struct CryptoVerifier {
    trees: Mutex<Recent<Signing, SignedTree>>,
    claims: Mutex<Recent<Fact, ()>>,
    keys: Mutex<Recent<[u8; 32], ed25519::Key>>,
}

/// That a validator signed a tree of votes.
#[derive(PartialEq, Eq)]
struct Signing {
    signature: ValidatorSignature,
    signer: ValidatorKey,
    network: NetworkId,
}

impl Name for Signing {
    fn index(&self) -> u64 {
        index(&self.signature.0)
    }
}

/// A claim by all that it depends on. The usual kind is named by its bytes, since hashing them takes longer than comparing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fact {
    Ed25519 { digest: Hash, signature: [u8; 64], key: [u8; 32] },
    Other(Hash),
}

impl Name for Fact {
    fn index(&self) -> u64 {
        let (Fact::Ed25519 { digest, .. } | Fact::Other(digest)) = self;
        index(&digest.0)
    }
}

/// The bytes of an owner's key.
impl Name for [u8; 32] {
    fn index(&self) -> u64 {
        index(self)
    }
}

/// The first bytes of what looks random.
fn index(bytes: &[u8]) -> u64 {
    bytes.first_chunk().copied().map_or(0, u64::from_le_bytes)
}

/// A tree of votes that was signed here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignedTop {
    /// By whom.
    pub signer: ValidatorKey,
    /// Under which signature.
    pub signature: ValidatorSignature,
    /// What was signed.
    pub top: Hash,
    /// How many levels the tree has below its top.
    pub levels: usize,
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
        CryptoVerifier {
            trees: Mutex::new(Recent::new(TREES_MAX)),
            claims: Mutex::new(Recent::new(OWNER_CLAIMS_MAX)),
            keys: Mutex::new(Recent::new(OWNER_KEYS_MAX)),
        }
    }

    /// Checks the signatures of many proposals or requests at once, which for Ed25519 owners takes three fifths of the
    /// time. What holds is remembered, so the later [`Verifier::owner`] of the same claim is a look-up. Whether a claim was
    /// checked before is not asked: nearly none was.
    pub fn verify_owner_batch(&self, claims: &[OwnerClaim<'_>]) -> Vec<bool> {
        let ed25519: Vec<ed25519::Claim<'_>> = claims.iter().filter_map(OwnerClaim::as_ed25519).collect();
        let batch_holds = ed25519.len() > 1 && self.ed25519_batch(&ed25519);
        let claim_holds = |claim: &OwnerClaim<'_>| batch_holds && claim.as_ed25519().is_some() || self.holds(claim);
        let holds: Vec<bool> = claims.iter().map(claim_holds).collect();
        let facts = claims.iter().zip(&holds).filter(|(_, holds)| **holds).map(|(claim, _)| claim.fact());
        self.remember(facts);
        holds
    }

    fn ed25519_batch(&self, claims: &[ed25519::Claim<'_>]) -> bool {
        let with_keys: Option<Vec<_>> =
            claims.iter().map(|claim| Some((*claim, self.ed25519_key(claim.key)?))).collect();
        with_keys.is_some_and(|claims| ed25519::verify_all(&claims))
    }

    fn holds(&self, claim: &OwnerClaim<'_>) -> bool {
        match claim.as_ed25519() {
            Some(claim) => self.ed25519_key(claim.key).is_some_and(|key| ed25519::verify(claim, &key)),
            None => claim.holds_otherwise(),
        }
    }

    /// An owner's key as a point. It says nothing about who has signed, so it is remembered from the first time on.
    fn ed25519_key(&self, bytes: &[u8; 32]) -> Option<ed25519::Key> {
        if let Some(key) = lock(&self.keys).get(bytes) {
            return Some(*key);
        }
        let key = ed25519::key(bytes)?;
        lock(&self.keys).insert(*bytes, key);
        Some(key)
    }

    /// Remembers a tree of votes that this process has signed itself, so that it need not check its own signature.
    pub fn remember_signed(&self, network: NetworkId, signed: SignedTop) {
        let SignedTop { signer, signature, top, levels } = signed;
        lock(&self.trees).insert(Signing { signature, signer, network }, SignedTree::new(top, levels));
    }

    fn remember(&self, facts: impl Iterator<Item = Fact>) {
        let mut known = lock(&self.claims);
        facts.for_each(|fact| known.insert(fact, ()));
    }
}

impl Verifier for CryptoVerifier {
    fn vote(&self, network: NetworkId, key: &ValidatorKey, leaf: Hash, signature: &VoteSignature) -> bool {
        let VoteSignature { signature, path } = signature;
        let signing = Signing { signature: *signature, signer: *key, network };
        if lock(&self.trees).get(&signing).is_some_and(|tree| tree.admits(leaf, path)) {
            return true;
        }
        let Some(top) = top_of_tree(leaf, path) else { return false };
        let signer = curve::recover(vote::batch_digest(network, top), &signature.0);
        let holds = signer.is_some_and(|point| point.compressed() == *key);
        if holds {
            let mut tree = SignedTree::new(top, path.siblings.len());
            tree.admits(leaf, path);
            lock(&self.trees).insert(signing, tree);
        }
        holds
    }

    fn owner(&self, owner: &Owner, digest: Hash, signature: &OwnerSignature) -> bool {
        let claim = OwnerClaim { owner, digest, signature };
        let fact = claim.fact();
        if lock(&self.claims).get(&fact).is_some() {
            return true;
        }
        let holds = self.holds(&claim);
        self.remember(holds.then_some(fact).into_iter());
        holds
    }
}

/// The top of the tree that holds `leaf`; `None` where a tree cannot be as large as the path says.
fn top_of_tree(leaf: Hash, path: &Path) -> Option<Hash> {
    (path.siblings.len() <= LEVELS_MAX).then(|| path.top(leaf)).flatten()
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

    /// Whether a claim that is not [`OwnerClaim::as_ed25519`] holds.
    fn holds_otherwise(&self) -> bool {
        match (self.owner, self.signature) {
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
    fn fact(&self) -> Fact {
        match self.as_ed25519() {
            Some(ed25519::Claim { key, digest, signature }) => {
                Fact::Ed25519 { digest, signature: *signature, key: *key }
            }
            None => Fact::Other(Hash::of_value("OwnerClaim", &(self.owner, self.digest, self.signature))),
        }
    }
}
