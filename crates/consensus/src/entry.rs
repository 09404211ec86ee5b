//! What opens a round (R19): the evidence that a validator keeps, shows in refusals and follows when it is forwarded.

use myceline_types::{
    BlockHash, Certificate, Justification, Owner, OwnerSignature, Proposal, Round, TimeoutCertificate,
};
use serde::{Deserialize, Serialize};

/// What made a validator enter its round. The node adds the body of an opening proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The round before was left.
    Timeout(TimeoutCertificate),
    /// A block was validated in this round.
    Certificate(Certificate),
    /// A proposal opened this multi-leader round.
    Proposal(Opening),
}

/// A proposal that opened a multi-leader round, without the body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opening {
    /// The block proposed.
    pub block: BlockHash,
    /// Why it may be.
    pub justification: Option<Justification>,
    /// By whom.
    pub proposer: Owner,
    /// Theirs.
    pub signature: OwnerSignature,
}

impl Opening {
    /// A proposal without its body.
    pub(crate) fn of(proposal: &Proposal) -> Opening {
        Opening {
            block: proposal.block,
            justification: proposal.justification.clone(),
            proposer: proposal.proposer,
            signature: proposal.signature.clone(),
        }
    }
}

/// R19. What opened `round`, from what is kept anyway. Whoever is in a round has no newer timeout certificate than that of
/// the round before, and no higher certificate than one of this round.
pub(crate) fn entry(
    round: Round,
    newest: Option<&TimeoutCertificate>,
    highest: Option<&Certificate>,
    opening: Option<&Opening>,
) -> Option<Entry> {
    let left = newest.filter(|timeout| timeout.round.next() == Some(round));
    let validated = highest.filter(|certificate| certificate.round == round);
    left.cloned()
        .map(Entry::Timeout)
        .or_else(|| validated.cloned().map(Entry::Certificate))
        .or_else(|| opening.cloned().map(Entry::Proposal))
}
