//! The one place where bytes from elsewhere become facts. Below it nobody verifies again.

use crate::{
    Certificate, Committee, Hash, InvalidCertificate, Justification, Mutation, NetworkId, Owner, OwnerSignature,
    Proposal, Round, TimeoutCertificate, TimeoutRequest, ValidatorKey,
    vote::{LastLeaf, Report, SignedVote, Slot, Vote, VoteSignature},
};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// A value whose signatures, weights and form have been checked against a committee. Only this module makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked<T>(T);

impl<T> Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Checked<T> {
    /// The value, no longer known to be checked.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Checks signatures. Production uses cryptography and remembers what it has checked; a model uses symbols.
pub trait Verifier {
    /// Whether the holder of `key` signed a batch of votes of `network` that holds `leaf`.
    fn vote(&self, network: NetworkId, key: &ValidatorKey, leaf: Hash, signature: &VoteSignature) -> bool;

    /// Whether `owner` signed `digest`.
    fn owner(&self, owner: &Owner, digest: Hash, signature: &OwnerSignature) -> bool;
}

/// What a check is made against: the network, the committee of the epoch, and somebody who knows signatures.
#[derive(Clone, Copy)]
pub struct Authority<'a> {
    /// Part of everything signed.
    pub network: NetworkId,
    /// Of the epoch in question.
    pub committee: &'a Committee,
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
}

/// Why a proposal or request is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidRequest {
    /// The signature does not fit.
    #[error("the signature of {0} does not fit: sign the digest of this network with the key of this owner")]
    Signature(Owner),
    /// What justifies it proves nothing.
    #[error("the justification is invalid: {0}")]
    Justification(#[from] InvalidCertificate),
}

impl Authority<'_> {
    /// Checks that the votes of a certificate weigh a quorum (R7, R8) and are signed.
    pub fn certificate(&self, certificate: Certificate) -> Result<Checked<Certificate>, InvalidCertificate> {
        self.check_certificate(&certificate)?;
        Ok(Checked(certificate))
    }

    /// Checks a timeout certificate by R9.
    pub fn timeout(&self, timeout: TimeoutCertificate) -> Result<Checked<TimeoutCertificate>, InvalidCertificate> {
        self.check_timeout(&timeout)?;
        Ok(Checked(timeout))
    }

    /// Checks a vote.
    pub fn vote(&self, vote: SignedVote) -> Result<Checked<SignedVote>, InvalidCertificate> {
        self.vote_like(&mut LastLeaf::default(), vote)
    }

    /// Checks a vote that probably says the same as the one before it.
    pub fn vote_like(&self, last: &mut LastLeaf, vote: SignedVote) -> Result<Checked<SignedVote>, InvalidCertificate> {
        self.check_leaf(vote.signer, last.of(&vote.vote, self.network), &vote.signature)?;
        Ok(Checked(vote))
    }

    /// Checks who proposes, and that the justification is a valid certificate about the same slot. Whether it permits
    /// the proposal is for the round machine to say.
    pub fn proposal(&self, proposal: Proposal) -> Result<Checked<Proposal>, InvalidRequest> {
        self.check_owner(&proposal.proposer, proposal.digest(self.network), &proposal.signature)?;
        let slot = proposal.slot();
        match &proposal.justification {
            None => (),
            Some(Justification::Certificate(certificate)) => {
                check_slot(slot, certificate.slot)?;
                self.check_certificate(certificate)?;
            }
            Some(Justification::Timeout(timeout)) => {
                check_slot(slot, timeout.slot)?;
                self.check_timeout(timeout)?;
            }
        }
        Ok(Checked(proposal))
    }

    /// Checks who asks to leave a round.
    pub fn timeout_request(&self, request: TimeoutRequest) -> Result<Checked<TimeoutRequest>, InvalidRequest> {
        self.check_owner(&request.requester, request.digest(self.network), &request.signature)?;
        Ok(Checked(request))
    }

    fn check_owner(&self, owner: &Owner, digest: Hash, signature: &OwnerSignature) -> Result<(), InvalidRequest> {
        let fits = self.verifier.owner(owner, digest, signature);
        fits.then_some(()).ok_or(InvalidRequest::Signature(*owner))
    }

    fn check_certificate(&self, certificate: &Certificate) -> Result<(), InvalidCertificate> {
        check_weight(certificate.weight(self.committee)?, self.committee.quorum())?;
        let leaf = certificate.vote().leaf(self.network);
        let mut votes = certificate.signers.iter().zip(&*certificate.signatures);
        votes.try_for_each(|(signer, signature)| self.check_leaf(signer, leaf, signature))
    }

    fn check_timeout(&self, timeout: &TimeoutCertificate) -> Result<(), InvalidCertificate> {
        check_weight(timeout.weight(self.committee)?, self.committee.timeout_quorum())?;
        for vote in &timeout.votes {
            self.check_timeout_vote(vote.signer, &timeout.vote(vote), &vote.signature)?;
        }
        self.check_attached(timeout)
    }

    /// R9: a validated certificate of the same slot, of a round not above this one and not below any that is reported.
    fn check_attached(&self, timeout: &TimeoutCertificate) -> Result<(), InvalidCertificate> {
        let reported = timeout.votes.iter().filter_map(|vote| match vote.report {
            Report::Certificate(round, _) => Some(round),
            Report::Fast(_) | Report::Nothing => None,
        });
        match (&timeout.attached, reported.max()) {
            (None, None) => Ok(()),
            (None, Some(_)) if self.committee.drops(Mutation::ReportNotShown) => Ok(()),
            (None, Some(_)) => Err(InvalidCertificate::Attached),
            (Some(attached), reported) => {
                check_slot(timeout.slot, attached.slot)?;
                let covers = reported.is_none_or(|round| attached.round >= round);
                let covers = covers || self.committee.drops(Mutation::LowerCertificateAttached);
                let in_range = attached.round <= timeout.round && covers;
                if !in_range || attached.kind != crate::CertificateKind::Validated {
                    return Err(InvalidCertificate::Attached);
                }
                self.check_certificate(attached)
            }
        }
    }

    /// R9: of the round that is left.
    fn check_timeout_vote(&self, signer: u8, vote: &Vote, signature: &VoteSignature) -> Result<(), InvalidCertificate> {
        let checked = self.check_vote(signer, vote, signature);
        if !self.committee.drops(Mutation::MixedRounds) {
            return checked;
        }
        let in_round = |round| self.check_vote(signer, &Vote { round: Round(round), ..*vote }, signature);
        (0..vote.round.0).fold(checked, |checked, round| checked.or_else(|_| in_round(round)))
    }

    fn check_vote(&self, signer: u8, vote: &Vote, signature: &VoteSignature) -> Result<(), InvalidCertificate> {
        self.check_leaf(signer, vote.leaf(self.network), signature)
    }

    fn check_leaf(&self, signer: u8, leaf: Hash, signature: &VoteSignature) -> Result<(), InvalidCertificate> {
        let validator = self.committee.get(signer).ok_or(InvalidCertificate::UnknownSigner(signer))?;
        let fits = self.verifier.vote(self.network, &validator.key, leaf, signature);
        fits.then_some(()).ok_or(InvalidCertificate::Signature(signer))
    }
}

fn check_weight(weight: u64, needed: u64) -> Result<(), InvalidCertificate> {
    if weight < needed { Err(InvalidCertificate::TooLight { weight, needed }) } else { Ok(()) }
}

fn check_slot(expected: Slot, found: Slot) -> Result<(), InvalidCertificate> {
    if expected == found { Ok(()) } else { Err(InvalidCertificate::Slot) }
}
