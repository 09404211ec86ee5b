//! Samples of what a validator is asked and what it answers.

use super::{
    Samples,
    blocks::{CHAIN, CURSOR, block, header, inbox_entry},
    chains::{description, genesis, owner},
    hash,
    rounds::{
        certificate, certified, proposal, signature, signed_vote, timeout, timeout_answer, timeout_request, vote,
    },
};
use myceline_types::{
    Blob, BlockHash, BlockHeight, Fact, Opaque, Refusal, Round,
    api::{
        CertificateRequest, Info, LeaveRoundRequest, Notification, ProposeRequest, Reason, Request, Response,
        SignedInfo, StateProofAnswer, Subscribe,
    },
};

pub fn add(samples: &mut Samples) {
    requests(samples);
    responses(samples);
    notifications(samples);
}

/// Three bytes.
pub fn blob() -> Blob {
    Blob::data(vec![1, 2, 3])
}

fn propose() -> ProposeRequest {
    ProposeRequest {
        proposal: proposal(),
        parent: Some(certificate()),
        blobs: vec![blob()],
        origins: vec![certified()],
    }
}

fn take_certificate() -> CertificateRequest {
    CertificateRequest { certificate: certificate(), block: Some(block()), blobs: vec![blob()] }
}

fn leave_round() -> LeaveRoundRequest {
    LeaveRoundRequest { request: timeout_request(), votes: vec![signed_vote()] }
}

fn requests(samples: &mut Samples) {
    samples.one("ProposeRequest", propose());
    samples.one("CertificateRequest", take_certificate());
    samples.one("LeaveRoundRequest", leave_round());
    let chain = CHAIN;
    samples.variants(
        "Request",
        [
            ("Propose", Request::Propose(Box::new(propose()))),
            ("Certificate", Request::Certificate(Box::new(take_certificate()))),
            ("TimeoutCertificate", Request::TimeoutCertificate(Box::new(timeout()))),
            ("LeaveRound", Request::LeaveRound(Box::new(leave_round()))),
            ("Info", Request::Info { chain, nonce: 7 }),
            ("Inbox", Request::Inbox { chain, after: Some((CHAIN, CURSOR)), limit: 10 }),
            ("Blocks", Request::Blocks { chain, from: BlockHeight(1), limit: 10 }),
            ("Commits", Request::Commits { from: 1000, limit: 10 }),
            ("CommitIndex", Request::CommitIndex { from: 1000, limit: 10 }),
            ("Blob", Request::Blob(blob().id())),
            ("ChainsOf", Request::ChainsOf { owner: owner(), after: Some(CHAIN), limit: 10 }),
            ("Description", Request::Description(CHAIN)),
            ("StateProof", Request::StateProof { chain, key: Opaque(vec![1]) }),
            ("Genesis", Request::Genesis),
            ("Where", Request::Where(Fact::Blob(blob().id()))),
        ],
    );
}

/// Where a chain stands.
pub fn info() -> Info {
    Info {
        chain: CHAIN,
        nonce: 7,
        next: BlockHeight(6),
        tip: Some(BlockHash(hash(4))),
        round: Round(3),
        vote: Some(vote()),
    }
}

fn signed_info() -> SignedInfo {
    SignedInfo { info: info(), signer: 1, signature: signature() }
}

fn state_proof() -> StateProofAnswer {
    StateProofAnswer {
        header: header(),
        certificate: certificate(),
        value: Some(Opaque(vec![1])),
        proof: Opaque(vec![2]),
    }
}

fn responses(samples: &mut Samples) {
    samples.one("Info", info());
    samples.one("SignedInfo", signed_info());
    samples.one("StateProofAnswer", state_proof());
    samples.variants(
        "Response",
        [
            ("Vote", Response::Vote(signed_vote())),
            ("Timeout", Response::Timeout(Box::new(timeout_answer()))),
            ("Round", Response::Round(Round(4))),
            ("Committed", Response::Committed { next: BlockHeight(7) }),
            ("Info", Response::Info(Box::new(signed_info()))),
            ("Inbox", Response::Inbox(vec![(CHAIN, CURSOR, inbox_entry())])),
            ("Blocks", Response::Blocks(vec![certified()])),
            ("Commits", Response::Commits { commits: vec![(certified(), vec![blob()])], next: 1001 }),
            ("CommitIndex", Response::CommitIndex { entries: vec![(CHAIN, BlockHeight(6))], next: 1001 }),
            ("Blob", Response::Blob(Some(blob()))),
            ("Chains", Response::Chains(vec![CHAIN])),
            ("Description", Response::Description(Some(Box::new(description())))),
            ("StateProof", Response::StateProof(Box::new(state_proof()))),
            ("Genesis", Response::Genesis(Box::new(genesis()))),
            ("Where", Response::Where(Some((CHAIN, BlockHeight(6))))),
            ("Refused", Response::Refused(Box::new(Refusal::Busy))),
        ],
    );
}

fn notifications(samples: &mut Samples) {
    samples.one("Subscribe", Subscribe { chains: vec![CHAIN], resume: Some(12) });
    let (chain, height, origin, cursor) = (CHAIN, BlockHeight(6), CHAIN, CURSOR);
    let new_block = Reason::NewBlock { chain, height, block: BlockHash(hash(4)) };
    samples.one("Notification", Notification { sequence: 13, reason: new_block });
    samples.variants(
        "Reason",
        [
            ("NewBlock", new_block),
            ("Incoming", Reason::Incoming { chain, origin, cursor }),
            ("NewRound", Reason::NewRound { chain, height, round: Round(2) }),
            ("Gap", Reason::Gap),
        ],
    );
}
