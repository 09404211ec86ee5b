//! Samples of votes, certificates, proposals and why they are refused.

use super::{
    Samples,
    blocks::{CHAIN, CURSOR, block, body, header, path, update},
    chains::owner,
    hash,
};
use myceline_types::{
    Ballot, BlobId, BlobKind, BlockHash, BlockHeight, BlockProblem, Certificate, CertificateKind, CertifiedBlock,
    Difference, Epoch, Evidence, Fact, InvalidCertificate, InvalidRequest, Justification, Missing, Opaque,
    OwnerSignature, Phase, Position, Proposal, Refusal, Report, Round, SignedVote, Signers, Slot, TimeoutAnswer,
    TimeoutCertificate, TimeoutRequest, TimeoutVote, ValidatorSignature, Vote, VoteSignature, encoding::ByteArray,
};

const BLOCK: BlockHash = BlockHash(super::Hash([0xb1; 32]));
const SLOT: Slot = Slot { chain: CHAIN, height: BlockHeight(6), epoch: Epoch(1) };
const REPORT: Report = Report::Certificate(Round(2), BLOCK);

pub fn add(samples: &mut Samples) {
    votes(samples);
    certificates(samples);
    proposals(samples);
    refusals(samples);
}

/// A vote that reports a certificate.
pub fn vote() -> Vote {
    Vote { slot: SLOT, round: Round(3), ballot: Ballot::Timeout(REPORT) }
}

fn vote_signature() -> VoteSignature {
    VoteSignature { signature: ValidatorSignature([0x1b; 65]), path: path() }
}

/// The same, signed.
pub fn signed_vote() -> SignedVote {
    SignedVote { vote: vote(), signer: 2, signature: vote_signature() }
}

fn votes(samples: &mut Samples) {
    samples.variants(
        "Ballot",
        [
            ("Validate", Ballot::Validate(BLOCK)),
            ("Confirm", Ballot::Confirm(BLOCK)),
            ("Timeout", Ballot::Timeout(REPORT)),
        ],
    );
    samples.variants("Report", [("Nothing", Report::Nothing), ("Fast", Report::Fast(BLOCK)), ("Certificate", REPORT)]);
    samples
        .variants("Phase", [("Validate", Phase::Validate), ("Confirm", Phase::Confirm), ("Timeout", Phase::Timeout)]);
    samples.one("Position", Position { round: Round(3), phase: Phase::Confirm });
    samples.one("Slot", SLOT);
    samples.one("Vote", vote());
    samples.one("ValidatorSignature", ValidatorSignature([0x1b; 65]));
    samples.one("VoteSignature", vote_signature());
    samples.one("SignedVote", signed_vote());
}

/// A certificate by three of many.
pub fn certificate() -> Certificate {
    Certificate {
        slot: SLOT,
        round: Round(2),
        kind: CertificateKind::Validated,
        block: BLOCK,
        signers: [0, 1, 9].into_iter().collect(),
        signatures: vec![vote_signature(); 3].into(),
    }
}

fn timeout_vote() -> TimeoutVote {
    TimeoutVote { signer: 1, report: REPORT, signature: vote_signature() }
}

/// A round that was left.
pub fn timeout() -> TimeoutCertificate {
    TimeoutCertificate { slot: SLOT, round: Round(3), votes: vec![timeout_vote()], attached: Some(certificate()) }
}

/// A block with its certificate.
pub fn certified() -> CertifiedBlock {
    CertifiedBlock { block: block(), certificate: certificate() }
}

fn certificates(samples: &mut Samples) {
    samples.one("Signers", [0, 1, 9].into_iter().collect::<Signers>());
    samples.variants(
        "CertificateKind",
        [("Validated", CertificateKind::Validated), ("Confirmed", CertificateKind::Confirmed)],
    );
    samples.one("Certificate", certificate());
    samples.one("TimeoutVote", timeout_vote());
    samples.one("TimeoutCertificate", timeout());
    samples.one("CertifiedBlock", certified());
    samples.variants(
        "InvalidCertificate",
        [
            ("Signers", InvalidCertificate::Signers),
            ("UnknownSigner", InvalidCertificate::UnknownSigner(7)),
            ("TooLight", InvalidCertificate::TooLight { weight: 2, needed: 3 }),
            ("Signature", InvalidCertificate::Signature(1)),
            ("Attached", InvalidCertificate::Attached),
            ("Slot", InvalidCertificate::Slot),
        ],
    );
}

/// A proposal that a timeout permits.
pub fn proposal() -> Proposal {
    Proposal {
        body: body(),
        block: BLOCK,
        round: Round(4),
        justification: Some(Justification::Timeout(timeout())),
        proposer: owner(),
        signature: signature(),
    }
}

/// An owner's signature of the usual kind.
pub fn signature() -> OwnerSignature {
    OwnerSignature::Ed25519(ByteArray([0x5e; 64]))
}

/// A request to leave round 3.
pub fn timeout_request() -> TimeoutRequest {
    TimeoutRequest { slot: SLOT, round: Round(3), requester: owner(), signature: signature() }
}

fn proposals(samples: &mut Samples) {
    let passkey = OwnerSignature::Passkey {
        authenticator_data: Opaque(vec![1; 37]),
        client_data_json: Opaque(b"{}".to_vec()),
        signature: ByteArray([2; 64]),
    };
    samples.variants(
        "OwnerSignature",
        [("Ed25519", signature()), ("Ethereum", OwnerSignature::Ethereum(ByteArray([0x1b; 65]))), ("Passkey", passkey)],
    );
    samples.variants(
        "Justification",
        [("Certificate", Justification::Certificate(certificate())), ("Timeout", Justification::Timeout(timeout()))],
    );
    samples.one("Proposal", proposal());
    samples.one("TimeoutRequest", timeout_request());
}

/// A timeout vote with all that it reports.
pub fn timeout_answer() -> TimeoutAnswer {
    TimeoutAnswer { vote: signed_vote(), certificate: Some(certificate()), body: Some(Box::new(body())) }
}

fn missing() -> Missing {
    Missing {
        blobs: vec![BlobId { kind: BlobKind::Data, hash: hash(1) }],
        bundles: vec![(CHAIN, CURSOR)],
        body: Some(BLOCK),
        events: vec![(CHAIN, update().stream, 3)],
    }
}

fn difference() -> Difference {
    Difference { transaction: 2, asked: "https://a.example/".into(), here: hash(7), claimed: hash(8) }
}

fn refusals(samples: &mut Samples) {
    samples.one("TimeoutAnswer", timeout_answer());
    samples.one("Difference", difference());
    samples.variants(
        "Fact",
        [
            ("Blob", Fact::Blob(BlobId { kind: BlobKind::Data, hash: hash(1) })),
            ("Event", Fact::Event(CHAIN, update().stream, 3)),
        ],
    );
    samples.one("Missing", missing());
    samples.variants(
        "Evidence",
        [
            ("Timeout", Evidence::Timeout(timeout())),
            ("Certificate", Evidence::Certificate(certificate())),
            ("Proposal", Evidence::Proposal(Box::new(proposal()))),
        ],
    );
    samples.variants(
        "InvalidRequest",
        [
            ("Signature", InvalidRequest::Signature(owner())),
            ("Justification", InvalidRequest::Justification(InvalidCertificate::Slot)),
        ],
    );
    let (body, evidence) = (Some(Box::new(body())), Some(Evidence::Certificate(certificate())));
    samples.variants(
        "Refusal",
        [
            ("Final", Refusal::Final(Box::new(certified()))),
            ("Round", Refusal::Round { round: Round(4), evidence }),
            ("Voted", Refusal::Voted { vote: signed_vote(), body: body.clone() }),
            ("Locked", Refusal::Locked { certificate: certificate(), body }),
            ("Closed", Refusal::Closed(Box::new(timeout_answer()))),
            ("Unjustified", Refusal::Unjustified(Round(4))),
            ("NotProposer", Refusal::NotProposer(Round(4))),
            ("TooEarly", Refusal::TooEarly),
            ("Missing", Refusal::Missing(missing())),
            ("Mismatch", Refusal::Mismatch { here: Box::new(header()), claimed: BLOCK }),
            ("Differs", Refusal::Differs(Box::new(difference()))),
            ("Unanswered", Refusal::Unanswered { url: "https://a.example/".into(), why: "it is late".into() }),
            ("Lagging", Refusal::Lagging { next: BlockHeight(3) }),
            ("UnknownChain", Refusal::UnknownChain(CHAIN)),
            ("Epoch", Refusal::Epoch { chain: Epoch(2), asked: Epoch(1) }),
            ("Request", Refusal::Request(InvalidRequest::Signature(owner()))),
            ("Certificate", Refusal::Certificate(InvalidCertificate::Slot)),
            ("Block", Refusal::Block(BlockProblem::Empty)),
            ("Slot", Refusal::Slot(SLOT)),
            ("Halted", Refusal::Halted),
            ("Busy", Refusal::Busy),
            ("Malformed", Refusal::Malformed("not canonical".into())),
            ("TooLarge", Refusal::TooLarge { limit: 4_000_000 }),
        ],
    );
    let (origin, cursor) = (CHAIN, CURSOR);
    samples.variants(
        "BlockProblem",
        [
            ("Previous", BlockProblem::Previous),
            ("TimestampTooOld", BlockProblem::TimestampTooOld),
            ("TimestampTooNew", BlockProblem::TimestampTooNew),
            ("Empty", BlockProblem::Empty),
            ("Closed", BlockProblem::Closed),
            ("Limit", BlockProblem::Limit { what: "messages".into(), limit: 4000 }),
            ("Author", BlockProblem::Author),
            ("BundleOrder", BlockProblem::BundleOrder { origin, cursor }),
            ("BundleContent", BlockProblem::BundleContent { origin, cursor }),
            ("NotSkippable", BlockProblem::NotSkippable { origin, cursor }),
            ("Transaction", BlockProblem::Transaction { index: 1, why: "the balance is too low".into() }),
        ],
    );
}
