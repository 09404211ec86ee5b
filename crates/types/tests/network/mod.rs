//! Four validators with real keys and everything that they can sign: what the tests of certificates start from.

#![allow(dead_code, reason = "each test file uses a part")]

use myceline_types::{
    Ballot, BlockHash, BlockHeight, Body, Certificate, CertificateKind, ChainId, Committee, Epoch, Hash, Justification,
    NetworkId, OwnerSecret, Proposal, ProposedBlock, Report, Resilience, Round, SignedVote, Slot, TimeoutCertificate,
    TimeoutRequest, TimeoutVote, Timestamp, Validator, ValidatorSecret, Vote, VoteSignature, merkle,
};
use std::sync::Arc;

/// A network of four validators of weight one and one chain.
pub struct Network {
    pub id: NetworkId,
    pub secrets: Vec<ValidatorSecret>,
    pub committee: Committee,
    pub owner: OwnerSecret,
}

/// The height that is being decided.
pub const SLOT: Slot = Slot { chain: ChainId(Hash([0xc0; 32])), height: BlockHeight(7), epoch: Epoch(2) };
/// The block that it is about.
pub const BLOCK: BlockHash = BlockHash(Hash([0xb1; 32]));
/// Another one.
pub const OTHER_BLOCK: BlockHash = BlockHash(Hash([0xb2; 32]));

impl Network {
    pub fn new() -> Network {
        let secrets: Vec<ValidatorSecret> = (1..=4).map(|seed| ValidatorSecret::from_seed([seed; 32])).collect();
        let member = |secret: &ValidatorSecret| Validator {
            key: secret.public(),
            account: secret.address(),
            weight: 1,
            address: "https://validator.example:443".into(),
        };
        let validators = secrets.iter().map(member).collect();
        Network {
            id: NetworkId(Hash([0xee; 32])),
            committee: Committee::new(validators, Resilience::Classic).expect("four equal weights are a committee"),
            secrets,
            owner: OwnerSecret::from_seed([9; 32]),
        }
    }

    /// The signature of a validator under a batch that holds this vote only.
    pub fn sign(&self, signer: u8, vote: &Vote) -> VoteSignature {
        self.sign_along(signer, vote, merkle::Path::default())
    }

    /// The signature of a validator under the batch in which the vote has this path.
    pub fn sign_along(&self, signer: u8, vote: &Vote, path: merkle::Path) -> VoteSignature {
        let top = path.top(vote.leaf(self.id)).expect("a path");
        VoteSignature { signature: self.secrets[usize::from(signer)].sign_batch(self.id, top), path }
    }

    pub fn vote(&self, signer: u8, ballot: Ballot) -> SignedVote {
        let vote = Vote { slot: SLOT, round: Round(3), ballot };
        SignedVote { vote, signer, signature: self.sign(signer, &vote) }
    }

    /// A certificate of round 3 for [`BLOCK`], signed by the first three.
    pub fn certificate(&self, kind: CertificateKind) -> Certificate {
        self.certificate_in(SLOT, Round(3), kind)
    }

    pub fn certificate_in(&self, slot: Slot, round: Round, kind: CertificateKind) -> Certificate {
        let signers = (0..3).collect();
        let mut certificate = Certificate { slot, round, kind, block: BLOCK, signers, signatures: Arc::default() };
        let vote = certificate.vote();
        certificate.signatures = Arc::new((0..3).map(|signer| self.sign(signer, &vote)).collect());
        certificate
    }

    /// A timeout certificate of round 5 in which the first three report this.
    pub fn timeout(&self, reports: [Report; 3], attached: Option<Certificate>) -> TimeoutCertificate {
        let mut timeout = TimeoutCertificate { slot: SLOT, round: Round(5), votes: Vec::new(), attached };
        for (signer, report) in (0..).zip(reports) {
            let vote = Vote { slot: SLOT, round: timeout.round, ballot: Ballot::Timeout(report) };
            timeout.votes.push(TimeoutVote { signer, report, signature: self.sign(signer, &vote) });
        }
        timeout
    }

    /// A proposal of [`BLOCK`] in round 6, signed by the owner.
    pub fn proposal(&self, justification: Option<Justification>) -> Proposal {
        let proposed = ProposedBlock {
            chain: SLOT.chain,
            epoch: SLOT.epoch,
            height: SLOT.height,
            timestamp: Timestamp(1),
            previous: Some(OTHER_BLOCK),
            author: Some(self.owner.owner()),
            transactions: Vec::new(),
        };
        let body = Body { proposed, oracle: Vec::new() };
        let unsigned = Proposal {
            body,
            block: BLOCK,
            round: Round(6),
            justification,
            proposer: self.owner.owner(),
            signature: self.owner.sign(Hash::ZERO),
        };
        Proposal { signature: self.owner.sign(unsigned.digest(self.id)), ..unsigned }
    }

    /// A request to leave round 5, signed by the owner.
    pub fn timeout_request(&self) -> TimeoutRequest {
        let unsigned = TimeoutRequest {
            slot: SLOT,
            round: Round(5),
            requester: self.owner.owner(),
            signature: self.owner.sign(Hash::ZERO),
        };
        TimeoutRequest { signature: self.owner.sign(unsigned.digest(self.id)), ..unsigned }
    }
}
