//! The votes that left validators, side by side: whatever crashes, a validator never signs twice in one position (R12), and
//! a vote that it sends again has the same bytes.
//!
//! Votes are compared, not verified: whoever uses them has checked their signatures.

use myceline_types::{
    Ballot, Certificate, Evidence, Justification, Position, Refusal, SignedVote, Slot, TimeoutAnswer,
    TimeoutCertificate, Vote, api::Response,
};
use std::collections::{BTreeMap, btree_map::Entry};

/// All votes that anybody has seen, by voter and position.
#[derive(Debug, Clone, Default)]
pub struct Votes(BTreeMap<(u8, Slot, Position), SignedVote>);

/// Two votes of one validator in one position, or one vote in two envelopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("validator {} gave two votes in one position: {before:?} and {after:?}", before.signer)]
pub struct Contradiction {
    /// What it said first.
    pub before: Box<SignedVote>,
    /// What it said then.
    pub after: Box<SignedVote>,
}

impl Votes {
    /// Takes note of a vote.
    pub fn note(&mut self, vote: SignedVote) -> Result<(), Contradiction> {
        match self.0.entry((vote.signer, vote.vote.slot, vote.vote.position())) {
            Entry::Vacant(place) => drop(place.insert(vote)),
            Entry::Occupied(before) if *before.get() == vote => {}
            Entry::Occupied(before) => {
                return Err(Contradiction { before: Box::new(before.get().clone()), after: Box::new(vote) });
            }
        }
        Ok(())
    }

    /// Takes note of all votes in an answer.
    pub fn note_all(&mut self, response: &Response) -> Result<(), Contradiction> {
        votes_in(response).into_iter().try_for_each(|vote| self.note(vote))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &SignedVote> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody has voted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Every vote that an answer shows, in whatever it is wrapped.
pub fn votes_in(response: &Response) -> Vec<SignedVote> {
    match response {
        Response::Vote(vote) => vec![vote.clone()],
        Response::Timeout(answer) => of_timeout(answer),
        Response::Refused(refusal) => of_refusal(refusal),
        Response::Blocks(blocks) => blocks.iter().flat_map(|block| of_certificate(&block.certificate)).collect(),
        Response::Commits { commits, .. } => {
            commits.iter().flat_map(|(block, _)| of_certificate(&block.certificate)).collect()
        }
        Response::StateProof(answer) => of_certificate(&answer.certificate),
        _ => Vec::new(),
    }
}

/// The votes that a certificate is made of.
pub fn of_certificate(certificate: &Certificate) -> Vec<SignedVote> {
    let vote = certificate.vote();
    let signed = certificate.signers.iter().zip(&*certificate.signatures);
    signed.map(|(signer, signature)| SignedVote { vote, signer, signature: signature.clone() }).collect()
}

fn of_timeout(answer: &TimeoutAnswer) -> Vec<SignedVote> {
    let reported = answer.certificate.iter().flat_map(of_certificate);
    reported.chain([answer.vote.clone()]).collect()
}

fn of_refusal(refusal: &Refusal) -> Vec<SignedVote> {
    match refusal {
        Refusal::Final(certified) => of_certificate(&certified.certificate),
        Refusal::Round { evidence: Some(evidence), .. } => of_evidence(evidence),
        Refusal::Voted { vote, .. } => vec![vote.clone()],
        Refusal::Locked { certificate, .. } => of_certificate(certificate),
        Refusal::Closed(answer) => of_timeout(answer),
        _ => Vec::new(),
    }
}

fn of_evidence(evidence: &Evidence) -> Vec<SignedVote> {
    match evidence {
        Evidence::Timeout(timeout) => of_timeout_certificate(timeout),
        Evidence::Certificate(certificate) => of_certificate(certificate),
        Evidence::Proposal(proposal) => match &proposal.justification {
            Some(Justification::Certificate(certificate)) => of_certificate(certificate),
            Some(Justification::Timeout(timeout)) => of_timeout_certificate(timeout),
            None => Vec::new(),
        },
    }
}

fn of_timeout_certificate(timeout: &TimeoutCertificate) -> Vec<SignedVote> {
    let TimeoutCertificate { slot, round, votes, attached } = timeout;
    let signed = votes.iter().map(|vote| SignedVote {
        vote: Vote { slot: *slot, round: *round, ballot: Ballot::Timeout(vote.report) },
        signer: vote.signer,
        signature: vote.signature.clone(),
    });
    signed.chain(attached.iter().flat_map(of_certificate)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{
        BlockHash, BlockHeight, CertificateKind, ChainId, Epoch, Hash, Report, Round, Signers, TimeoutVote,
        ValidatorSignature, VoteSignature, merkle,
    };

    const SLOT: Slot = Slot { chain: ChainId(Hash([1; 32])), height: BlockHeight(5), epoch: Epoch(0) };

    fn signature(byte: u8) -> VoteSignature {
        VoteSignature { signature: ValidatorSignature([byte; 65]), path: merkle::Path::default() }
    }

    fn signed(signer: u8, ballot: Ballot, byte: u8) -> SignedVote {
        SignedVote { vote: Vote { slot: SLOT, round: Round(1), ballot }, signer, signature: signature(byte) }
    }

    fn block(byte: u8) -> BlockHash {
        BlockHash(Hash([byte; 32]))
    }

    #[test]
    fn r12_two_votes_in_one_position_are_found_and_so_are_other_bytes() {
        let mut votes = Votes::default();
        let first = signed(0, Ballot::Validate(block(1)), 1);
        votes.note(first.clone()).unwrap();
        votes.note(first.clone()).unwrap();
        votes.note(signed(1, Ballot::Validate(block(2)), 1)).unwrap();
        votes.note(signed(0, Ballot::Confirm(block(1)), 1)).unwrap();
        for other in [signed(0, Ballot::Validate(block(2)), 1), signed(0, Ballot::Validate(block(1)), 2)] {
            let found = votes.note(other.clone()).unwrap_err();
            assert_eq!((*found.before, *found.after), (first.clone(), other));
        }
        assert_eq!(votes.len(), 3);
    }

    #[test]
    fn votes_are_found_in_whatever_they_are_wrapped() {
        let signers: Signers = [0, 2].into_iter().collect();
        let certificate = Certificate {
            slot: SLOT,
            round: Round(1),
            kind: CertificateKind::Validated,
            block: block(1),
            signers,
            signatures: vec![signature(1), signature(3)].into(),
        };
        let report = Report::Certificate(Round(1), block(1));
        let timeout = TimeoutCertificate {
            slot: SLOT,
            round: Round(1),
            votes: vec![TimeoutVote { signer: 1, report, signature: signature(2) }],
            attached: Some(certificate.clone()),
        };
        let evidence = Some(Evidence::Timeout(timeout));
        let refused = Response::Refused(Box::new(Refusal::Round { round: Round(2), evidence }));
        let mut votes = Votes::default();
        votes.note_all(&refused).unwrap();
        let expected = [
            signed(0, Ballot::Validate(block(1)), 1),
            signed(1, Ballot::Timeout(report), 2),
            signed(2, Ballot::Validate(block(1)), 3),
        ];
        assert_eq!(votes.iter().cloned().collect::<Vec<_>>(), expected);
    }
}
