//! Bad certificates, and other requests that prove nothing.

use super::{
    Case,
    scene::{ANN, BOB, Scene},
};
use crate::kit::{self, owner_secret};
use myceline_rpc::Peer;
use myceline_types::{
    BlockHash, BlockHeight, Certificate, CertificateKind, ChainId, Epoch, Hash, Report, Round, Slot,
    TimeoutCertificate, TimeoutRequest, TimeoutVote,
    api::{CertificateRequest, LeaveRoundRequest, Request, Response},
    proposal::timeout_request_digest,
};
use std::sync::Arc;

/// The order of the group of secp256k1: another s for the same signature is this less s.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

pub async fn cases(scene: &Scene) -> Vec<Case> {
    let mut cases = certificates(scene).await;
    cases.extend(timeouts(scene));
    cases
}

/// A certificate of three of four for a block that the first validator has never seen.
async fn certified_elsewhere(scene: &Scene) -> Certificate {
    let candidate = scene.net.stage(ANN, vec![], vec![kit::transfer(scene.net.chains[1], 5)]).await;
    let request = kit::request(scene.net.propose(ANN, &candidate));
    let mut votes = Vec::new();
    for peer in &scene.net.peers[1..] {
        match peer.call(Request::Propose(Box::new(request.clone())).into()).await.unwrap() {
            Response::Vote(vote) => votes.push(vote),
            other => panic!("{other:?}"),
        }
    }
    kit::certificate(&candidate, &votes)
}

async fn certificates(scene: &Scene) -> Vec<Case> {
    let good = certified_elsewhere(scene).await;
    let with = |change: fn(&mut Certificate)| {
        let mut certificate = good.clone();
        change(&mut certificate);
        show(certificate, None)
    };
    let other_block = Some(scene.payments[0].block.clone());
    vec![
        (
            "too few signers",
            with(|it| {
                it.signers = [1, 2].into_iter().collect();
                Arc::make_mut(&mut it.signatures).pop();
            }),
        ),
        ("a signature twice", with(|it| Arc::make_mut(&mut it.signatures).extend_from_within(..1))),
        ("a signer who is in no committee", with(|it| it.signers = [1, 2, 9].into_iter().collect())),
        ("signatures of others than the signers", with(|it| Arc::make_mut(&mut it.signatures).swap(0, 1))),
        (
            "another path to the signed root",
            with(|it| Arc::make_mut(&mut it.signatures)[0].path.siblings.push(Hash([1; 32]))),
        ),
        ("a path for another place", with(|it| Arc::make_mut(&mut it.signatures)[0].path.index = 1)),
        (
            "a high s",
            with(|it| {
                let signature = &mut Arc::make_mut(&mut it.signatures)[0].signature.0;
                *signature = with_high_s(*signature);
            }),
        ),
        ("a certificate for another block", with(|it| it.block = BlockHash(Hash([4; 32])))),
        ("a validated block as confirmed", with(|it| it.kind = CertificateKind::Confirmed)),
        ("a certificate in another round", with(|it| it.round = Round(1))),
        ("a certificate for another chain", with(|it| it.slot.chain = ChainId(Hash([5; 32])))),
        ("a certificate above a gap", with(|it| it.slot.height = BlockHeight(9))),
        ("a certificate of an epoch that has not begun", with(|it| it.slot.epoch = Epoch(1))),
        ("a certificate without its block", show(good.clone(), None)),
        ("a certificate with another block", show(good, other_block)),
    ]
}

fn show(certificate: Certificate, block: Option<myceline_types::Block>) -> Request {
    Request::Certificate(Box::new(CertificateRequest { certificate, block, blobs: Vec::new() }))
}

/// The other s, and the other v that goes with it: the same signature for whoever does not insist on one form.
fn with_high_s(mut signature: [u8; 65]) -> [u8; 65] {
    let mut borrow = 0;
    for index in (0..32).rev() {
        let (less, first) = ORDER[index].overflowing_sub(signature[32 + index]);
        let (less, second) = less.overflowing_sub(borrow);
        signature[32 + index] = less;
        borrow = u8::from(first || second);
    }
    signature[64] ^= 27 ^ 28;
    signature
}

fn timeouts(scene: &Scene) -> Vec<Case> {
    let slot = Slot { chain: scene.net.chains[0], height: BlockHeight(3), epoch: Epoch::ZERO };
    let signature = scene.payments[0].certificate.signatures[0].clone();
    let vote = |signer| TimeoutVote { signer, report: Report::Nothing, signature: signature.clone() };
    let left = |votes| {
        Request::TimeoutCertificate(Box::new(TimeoutCertificate { slot, round: Round::FAST, votes, attached: None }))
    };
    let leave = |owner: u8, round| {
        let secret = owner_secret(owner);
        let signature = secret.sign(timeout_request_digest(scene.net.network.id(), slot, Round::FAST));
        let request = TimeoutRequest { slot, round, requester: secret.owner(), signature };
        Request::LeaveRound(Box::new(LeaveRoundRequest { request, votes: Vec::new() }))
    };
    vec![
        ("a round left by too few", left(vec![vote(0), vote(1)])),
        ("a round left by one, twice", left(vec![vote(0), vote(0), vote(1)])),
        ("a round left by nobody's signatures", left(vec![vote(0), vote(1), vote(2)])),
        ("a request to leave by somebody who is no owner", leave(BOB, Round::FAST)),
        ("a request to leave another round than was signed", leave(ANN, Round(1))),
        (
            "a proof about a chain that was never opened",
            Request::StateProof { chain: ChainId(Hash([5; 32])), key: myceline_types::Opaque(vec![1]) },
        ),
    ]
}
