//! Proofs that travel: a message, an event or an entry of a chain's state, with all that somebody needs who knows only what
//! the network started from.
//!
//! A proof holds a header, the certificate that makes its block final, and the way from a root in the header to what is
//! proved. It says what was so at that block; nothing later.

use crate::{
    core::{Client, Core},
    signer::Signer,
};
use myceline_node::Network;
use myceline_rpc::Peer;
use myceline_sessions::{Distrust, Trust};
use myceline_state::ProofError;
use myceline_storage::Store;
use myceline_types::{
    BlockHeight, Certificate, ChainId, DecodeError, EntryProof, Header, List, NetworkId, Opaque, Verifier,
    api::{Request, Response, StateProofAnswer},
    encoding,
};
use serde::{Deserialize, Serialize};

/// Something that is so, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// In which network.
    pub network: NetworkId,
    /// At which block of which chain.
    pub header: Header,
    /// Makes that block final.
    pub certificate: Certificate,
    /// What is so.
    pub claim: Claim,
}

/// What is proved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The block has this entry in one of its lists.
    Entry(EntryProof),
    /// The state after the block has this value under this key, or none.
    State {
        /// The entry's key.
        key: Opaque,
        /// Its value.
        value: Option<Opaque>,
        /// Canonical bytes of the way from the state root to it.
        proof: Opaque,
    },
}

/// Why a proof shows nothing. None of this can be repaired: ask for another proof.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unproven {
    /// It is about another network.
    #[error("the proof is about network {0}, not this one")]
    Network(NetworkId),
    /// The block is not final.
    #[error("the block is not final: {0}")]
    Block(#[from] Distrust),
    /// The entry does not stand where the proof says.
    #[error("the block has no such entry at that place")]
    Entry,
    /// The bytes are no proof of a state entry.
    #[error("the proof cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    /// The way does not lead to the header's state root.
    #[error("the state has no such entry: {0}")]
    State(#[from] ProofError),
}

impl Proof {
    /// Checks all of it, knowing nothing but the network.
    pub fn verify(&self, network: &Network, verifier: &dyn Verifier) -> Result<(), Unproven> {
        if self.network != network.id() {
            return Err(Unproven::Network(self.network));
        }
        let committee = |epoch| network.committee(epoch);
        let trust = Trust { network: network.id(), committee: &committee, verifier };
        trust.check_header(&self.header, &self.certificate)?;
        self.claim.verify(&self.header)
    }
}

impl Claim {
    fn verify(&self, header: &Header) -> Result<(), Unproven> {
        match self {
            Claim::Entry(entry) => entry.verify(header).then_some(()).ok_or(Unproven::Entry),
            Claim::State { key, value, proof } => {
                let proof: myceline_state::Proof = encoding::from_bytes(&proof.0)?;
                let value = value.as_ref().map(|value| &value.0[..]);
                Ok(proof.verify(header.roots.state, &key.0, value)?)
            }
        }
    }
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Proves an entry of a list of a final block of any chain; `None` where nobody shows the block or the list ends before it.
    pub async fn prove_entry(&self, chain: ChainId, height: BlockHeight, list: List, index: usize) -> Option<Proof> {
        let certified = self.certified(chain, height).await?;
        let claim = Claim::Entry(EntryProof::new(&certified.block, list, index)?);
        Some(self.core.proof(certified.block.header(), certified.certificate, claim))
    }

    /// Proves what is under a key of a chain's state now, or that nothing is; `None` where no validator proves it.
    pub async fn prove_state(&self, chain: ChainId, key: &[u8]) -> Option<Proof> {
        let core = &self.core;
        let proven = |answer| match answer {
            Response::StateProof(answer) if answer.header.chain == chain => {
                let StateProofAnswer { header, certificate, value, proof } = *answer;
                let proof = core.proof(header, certificate, Claim::State { key: Opaque(key.to_vec()), value, proof });
                let holds = proof.verify(core.local.network(), &**core.local.verifier()).is_ok();
                holds.then_some(proof)
            }
            _ => None,
        };
        core.members.ask_any(Request::StateProof { chain, key: Opaque(key.to_vec()) }, proven).await
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    fn proof(&self, header: Header, certificate: Certificate, claim: Claim) -> Proof {
        Proof { network: self.local.network().id(), header, certificate, claim }
    }
}
