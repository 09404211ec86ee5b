//! What tests of the rules are told in: a small chain with its committee, blocks by number, and messages whose signatures
//! are symbols. Everything passes through the real `Authority` before a machine sees it.

use myceline_consensus::{Executed, Terms};
use myceline_types::{
    Authority, Ballot, BlockHash, BlockHeight, Body, Certificate, CertificateKind, ChainId, Checked, Committee, Epoch,
    Hash, Header, InvalidCertificate, Justification, Mutation, NetworkId, Opaque, Owner, OwnerSet, OwnerSignature,
    Ownership, Proposal, ProposedBlock, Report, Resilience, Roots, Round, SignedVote, Slot, TimeoutCertificate,
    TimeoutRequest, TimeoutVote, Timestamp, Validator, ValidatorKey, ValidatorSignature, Verifier, Vote, VoteSignature,
    proposal::{proposal_digest, timeout_request_digest},
};
use std::{collections::BTreeSet, sync::Arc, sync::OnceLock};

pub const ANN: Owner = Owner::Ed25519([0xa1; 32]);
pub const BOB: Owner = Owner::Ed25519([0xb0; 32]);
pub const EVE: Owner = Owner::Ed25519([0xee; 32]);
pub const NOW: Timestamp = Timestamp(1_000_000_000);

pub const NETWORK: NetworkId = NetworkId(Hash([9; 32]));

/// A chain at a height: who votes and who proposes.
pub struct World {
    pub committee: Committee,
    pub ownership: Ownership,
}

/// Signatures as symbols: who signed, and what.
struct Symbols;

impl Verifier for Symbols {
    fn vote(&self, _: NetworkId, key: &ValidatorKey, leaf: Hash, signature: &VoteSignature) -> bool {
        *signature == sign_leaf(key, leaf)
    }

    fn owner(&self, owner: &Owner, digest: Hash, signature: &OwnerSignature) -> bool {
        *signature == sign_as(owner, digest)
    }
}

fn sign_leaf(key: &ValidatorKey, leaf: Hash) -> VoteSignature {
    let mut bytes = [key.0[0]; 65];
    bytes[..32].copy_from_slice(&leaf.0);
    VoteSignature { signature: ValidatorSignature(bytes), path: Default::default() }
}

fn sign_as(owner: &Owner, digest: Hash) -> OwnerSignature {
    let symbol = [owner.word().0, digest.0].concat();
    OwnerSignature::Passkey {
        authenticator_data: Opaque(symbol),
        client_data_json: Opaque::default(),
        signature: myceline_types::encoding::ByteArray([0; 64]),
    }
}

/// Validators of these weights.
pub fn validators(weights: &[u64]) -> Vec<Validator> {
    let member = |(index, weight): (u8, &u64)| Validator {
        key: ValidatorKey([index + 1; 33]),
        account: Owner::Ethereum([index + 1; 20]),
        weight: *weight,
        address: String::new(),
    };
    (0..).zip(weights).map(member).collect()
}

/// A committee of these weights that withstands faulty weight `faulty` and slow weight `slow`.
pub fn committee(weights: &[u64], faulty: u64, slow: u64) -> Committee {
    committee_dropping(weights, faulty, slow, None)
}

/// The same without one rule.
pub fn committee_dropping(weights: &[u64], faulty: u64, slow: u64, rule: Option<Mutation>) -> Committee {
    Committee::dropping(validators(weights), Resilience::Custom { faulty, slow }, rule).unwrap()
}

/// Rounds as letters: F is round 0, each M a multi-leader round; what follows is single-leader. Ann owns the chain.
pub fn rounds(pattern: &str) -> Ownership {
    owned_by(pattern, &[ANN])
}

/// The same for several owners.
pub fn owned_by(pattern: &str, owners: &[Owner]) -> Ownership {
    let is_fast = pattern.starts_with('F');
    let mut set = OwnerSet { multi_leader_rounds: count(pattern, 'M'), ..OwnerSet::default() };
    if is_fast {
        set.fast = owners.iter().copied().collect();
    } else {
        set.regular = owners.iter().map(|owner| (*owner, 1)).collect();
    }
    Ownership::owners(set)
}

fn count(pattern: &str, letter: char) -> u32 {
    pattern.chars().fold(0, |count, other| count + u32::from(other == letter))
}

/// The header of block `number`; those of negative numbers carry an oracle record.
pub fn header(number: i8) -> Header {
    let oracle = if number < 0 { Hash([1; 32]) } else { Hash::ZERO };
    Header {
        chain: slot().chain,
        epoch: slot().epoch,
        height: slot().height,
        timestamp: Timestamp(number.unsigned_abs().into()),
        previous: None,
        author: Some(ANN),
        roots: Roots { oracle, ..Roots::default() },
    }
}

/// The hash of block `number`.
pub fn block(number: i8) -> BlockHash {
    static HASHES: OnceLock<Vec<BlockHash>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| NUMBERS.map(|number| header(number).hash()).to_vec());
    NUMBERS.iter().zip(hashes).find(|(other, _)| **other == number).map(|(_, hash)| *hash).unwrap()
}

/// What honest execution gives for block `number`.
pub fn executed(number: i8) -> Executed {
    Executed { block: block(number), oracle_free: header(number).is_oracle_free() }
}

/// The blocks that stories name; block 0 is one that nobody proposed.
const NUMBERS: [i8; 9] = [1, 2, 3, 4, -1, -2, -3, -4, 0];

/// The number of a block that a story names.
pub fn number(hash: BlockHash) -> i8 {
    NUMBERS.into_iter().find(|number| block(*number) == hash).unwrap()
}

/// Whether a block that a story names used no oracle answer.
pub fn is_oracle_free(hash: BlockHash) -> bool {
    number(hash) > 0
}

pub fn slot() -> Slot {
    Slot { chain: ChainId(Hash([7; 32])), height: BlockHeight(0), epoch: Epoch(0) }
}

fn body(author: Owner) -> Body {
    let Slot { chain, height, epoch } = slot();
    let proposed = ProposedBlock {
        chain,
        epoch,
        height,
        timestamp: Timestamp::ZERO,
        previous: None,
        author: Some(author),
        transactions: Vec::new(),
    };
    Body { proposed, oracle: Vec::new() }
}

impl World {
    /// Four equal validators, one of which may be faulty.
    pub fn four(pattern: &str) -> World {
        World { committee: committee(&[1; 4], 1, 0), ownership: rounds(pattern) }
    }

    pub fn terms(&self) -> Terms<'_> {
        Terms { slot: slot(), previous: None, ownership: &self.ownership, committee: &self.committee }
    }

    fn authority(&self) -> Authority<'_> {
        Authority { network: NETWORK, committee: &self.committee, verifier: &Symbols }
    }

    fn sign(&self, signer: u8, vote: &Vote) -> VoteSignature {
        let key = self.committee.get(signer).map_or(ValidatorKey([0; 33]), |validator| validator.key);
        sign_leaf(&key, vote.leaf(NETWORK))
    }

    /// A vote as its signer sends it.
    pub fn vote(&self, signer: u8, vote: Vote) -> Checked<SignedVote> {
        let signature = self.sign(signer, &vote);
        self.authority().vote(SignedVote { vote, signer, signature }).unwrap()
    }

    /// A vote of this height.
    pub fn ballot(&self, signer: u8, round: u32, ballot: Ballot) -> Checked<SignedVote> {
        self.vote(signer, Vote { slot: slot(), round: Round(round), ballot })
    }

    /// A certificate of these signers, if they weigh enough.
    pub fn certificate(
        &self,
        kind: CertificateKind,
        round: u32,
        block: BlockHash,
        signers: &[u8],
    ) -> Result<Checked<Certificate>, InvalidCertificate> {
        let signers: BTreeSet<u8> = signers.iter().copied().collect();
        let mut certificate = Certificate {
            slot: slot(),
            round: Round(round),
            kind,
            block,
            signers: signers.iter().copied().collect(),
            signatures: Arc::default(),
        };
        let vote = certificate.vote();
        certificate.signatures = Arc::new(signers.iter().map(|signer| self.sign(*signer, &vote)).collect());
        self.authority().certificate(certificate)
    }

    /// A certificate that somebody shows.
    pub fn check_certificate(&self, certificate: Certificate) -> Checked<Certificate> {
        self.authority().certificate(certificate).unwrap()
    }

    /// A timeout certificate that somebody shows.
    pub fn check_timeout(&self, timeout: TimeoutCertificate) -> Checked<TimeoutCertificate> {
        self.authority().timeout(timeout).unwrap()
    }

    /// A validated certificate of all.
    pub fn validated(&self, round: u32, number: i8) -> Checked<Certificate> {
        self.certificate(CertificateKind::Validated, round, block(number), &self.everybody()).unwrap()
    }

    /// A final certificate of all.
    pub fn confirmed(&self, round: u32, number: i8) -> Checked<Certificate> {
        self.certificate(CertificateKind::Confirmed, round, block(number), &self.everybody()).unwrap()
    }

    pub fn everybody(&self) -> Vec<u8> {
        (0..).take(self.committee.validators().len()).collect()
    }

    /// A timeout certificate of these votes, each with the round it was given in, if it is one.
    pub fn timeout_of(
        &self,
        round: u32,
        votes: &[(u8, u32, Report)],
        attached: Option<Certificate>,
    ) -> Result<Checked<TimeoutCertificate>, InvalidCertificate> {
        let sign = |(signer, round, report): &(u8, u32, Report)| {
            let vote = Vote { slot: slot(), round: Round(*round), ballot: Ballot::Timeout(*report) };
            TimeoutVote { signer: *signer, report: *report, signature: self.sign(*signer, &vote) }
        };
        let votes = votes.iter().map(sign).collect();
        self.authority().timeout(TimeoutCertificate { slot: slot(), round: Round(round), votes, attached })
    }

    /// A timeout certificate in which the first validators report these.
    pub fn timeout(
        &self,
        round: u32,
        reports: &[Report],
        attached: Option<Checked<Certificate>>,
    ) -> Checked<TimeoutCertificate> {
        let votes: Vec<_> = (0..).zip(reports).map(|(signer, report)| (signer, round, *report)).collect();
        self.timeout_of(round, &votes, attached.map(Checked::into_inner)).unwrap()
    }

    /// A timeout certificate of all, who know nothing.
    pub fn idle_timeout(&self, round: u32) -> Checked<TimeoutCertificate> {
        self.timeout(round, &vec![Report::Nothing; self.everybody().len()], None)
    }

    /// Block `number`, proposed by Ann, who made it.
    pub fn proposal(&self, round: u32, number: i8, justification: Option<Justification>) -> Checked<Proposal> {
        self.proposal_by(ANN, ANN, round, block(number), justification)
    }

    /// A block made by `author` and proposed by `proposer`.
    pub fn proposal_by(
        &self,
        author: Owner,
        proposer: Owner,
        round: u32,
        block: BlockHash,
        justification: Option<Justification>,
    ) -> Checked<Proposal> {
        let round = Round(round);
        let signature = sign_as(&proposer, proposal_digest(NETWORK, slot(), round, block));
        let proposal = Proposal { body: body(author), block, round, justification, proposer, signature };
        self.authority().proposal(proposal).unwrap()
    }

    /// A request to leave a round.
    pub fn request(&self, round: u32, requester: Owner) -> Checked<TimeoutRequest> {
        let round = Round(round);
        let signature = sign_as(&requester, timeout_request_digest(NETWORK, slot(), round));
        self.authority().timeout_request(TimeoutRequest { slot: slot(), round, requester, signature }).unwrap()
    }
}

/// A certificate as a reason to propose.
pub fn by_certificate(certificate: Checked<Certificate>) -> Option<Justification> {
    Some(Justification::Certificate(certificate.into_inner()))
}

/// A timeout certificate as a reason to propose.
pub fn by_timeout(timeout: Checked<TimeoutCertificate>) -> Option<Justification> {
    Some(Justification::Timeout(timeout.into_inner()))
}
