//! Bad proposals: of the wrong people, at the wrong place, with the wrong content.

use super::{
    Case,
    scene::{ANN, BOB, EVE, Scene, accept, propose},
};
use crate::kit::{self, owner_secret};
use myceline_types::{
    Amount, ApplicationId, Blob, BlobKind, BlockHash, BlockHeight, ChainId, Epoch, EpochOperation, Hash, Holder,
    Justification, Opaque, Operation, OwnerSignature, Ownership, Proposal, Round, Timestamp, Transaction,
    api::{ProposeRequest, Request},
};

pub async fn cases(scene: &Scene) -> Vec<Case> {
    [signatures(scene), places(scene), contents(scene), bundles(scene), rounds(scene)].concat()
}

fn good(scene: &Scene) -> Proposal {
    scene.net.propose(ANN, &scene.good)
}

fn signatures(scene: &Scene) -> Vec<Case> {
    let other_block = Proposal { block: BlockHash(Hash([8; 32])), ..good(scene) };
    let by_bob = scene.sign(BOB, good(scene));
    let in_anns_name = Proposal { proposer: owner_secret(ANN).owner(), ..by_bob.clone() };
    let unsigned =
        Proposal { signature: OwnerSignature::Ed25519(myceline_types::encoding::ByteArray([0; 64])), ..good(scene) };
    let other_kind =
        Proposal { signature: OwnerSignature::Ethereum(myceline_types::encoding::ByteArray([0; 65])), ..good(scene) };
    vec![
        ("a signature over another block", propose(other_block)),
        ("somebody else's signature in the owner's name", propose(in_anns_name)),
        ("no signature", propose(unsigned)),
        ("a signature of another kind of key", propose(other_kind)),
        ("a signature for another network", propose(scene.of_another_network())),
        ("somebody who is no owner", propose(by_bob)),
    ]
}

fn places(scene: &Scene) -> Vec<Case> {
    let at = |height| propose(scene.proposal(ANN, |proposed| proposed.height = BlockHeight(height)));
    let unknown = ChainId(Hash([5; 32]));
    vec![
        ("a height that is decided", at(0)),
        (
            "a decided proposal, played again",
            propose(scene.sign(ANN, Proposal { body: scene.payments[2].block.body(), ..good(scene) })),
        ),
        ("a gap in the heights", at(9)),
        ("the last height of all", at(u64::MAX)),
        (
            "another previous block",
            propose(scene.proposal(ANN, |proposed| {
                proposed.previous = Some(BlockHash(Hash([3; 32])));
                proposed.transactions = vec![kit::transfer(scene.net.chains[1], 1)];
            })),
        ),
        ("an epoch that has not begun", propose(scene.proposal(ANN, |proposed| proposed.epoch = Epoch(1)))),
        ("a chain that was never opened", propose(scene.proposal(ANN, |proposed| proposed.chain = unknown))),
        ("a question about a chain that was never opened", Request::Info { chain: unknown, nonce: 1 }),
    ]
}

fn contents(scene: &Scene) -> Vec<Case> {
    let to_bob = scene.net.chains[1];
    let run = |operation| propose(scene.block(ANN, vec![Transaction::Execute(operation)]));
    let transfer = |amount| propose(scene.block(ANN, vec![kit::transfer_of(to_bob, amount)]));
    let at = |time| {
        propose(scene.proposal(ANN, |proposed| {
            proposed.timestamp = time;
            proposed.transactions = vec![kit::transfer(to_bob, 1)];
        }))
    };
    let blob = |size| Blob { kind: BlobKind::Data, bytes: Opaque(vec![0; size]) };
    let publish = |size, along: Vec<Blob>| {
        let proposal = scene.block(ANN, vec![Transaction::Execute(Operation::PublishBlob(blob(size).id()))]);
        Request::Propose(Box::new(ProposeRequest { blobs: along, ..kit::request(proposal) }))
    };
    let application = |bytes| Operation::Application { id: ApplicationId(Hash([1; 32])), bytes: Opaque(bytes) };
    let nobody = Ownership::owners(myceline_types::OwnerSet::default());
    let bobs = Operation::Transfer {
        from: Holder::Owner(owner_secret(BOB).owner()),
        to: myceline_types::Account::of_chain(to_bob),
        amount: Amount::ONE,
    };
    let wrong_outcome = scene.sign(ANN, Proposal { block: BlockHash(Hash([9; 32])), ..good(scene) });
    vec![
        ("another outcome than execution has", propose(wrong_outcome)),
        ("no transactions", propose(scene.block(ANN, vec![]))),
        ("too many transactions", propose(scene.block(ANN, vec![kit::transfer(to_bob, 1); 1_001]))),
        ("too many bytes", run(application(vec![0; 2 << 20]))),
        (
            "another author",
            propose(scene.sign(ANN, scene.proposal(ANN, |proposed| proposed.author = Some(owner_secret(BOB).owner())))),
        ),
        ("a time in the far future", at(Timestamp(u64::MAX))),
        ("a time before the previous block", at(Timestamp(1))),
        ("more than there is", transfer(Amount::from_tokens(1_000_000))),
        ("more than can be counted", transfer(Amount(u128::MAX))),
        ("nothing at all", transfer(Amount::ZERO)),
        ("somebody else's account", run(bobs)),
        ("an ownership without owners", run(Operation::ChangeOwnership(Box::new(nobody)))),
        ("an application that nobody has published", run(application(vec![]))),
        ("another committee", run(Operation::Epoch(EpochOperation::Adopt { epoch: Epoch(1) }))),
        ("a blob that does not come along", publish(10, vec![])),
        ("other bytes in place of a blob", publish(10, vec![blob(11)])),
        ("a blob that is too large", publish((1 << 20) + 1, vec![blob((1 << 20) + 1)])),
        ("something on a closed chain", propose(scene.block(EVE, vec![kit::transfer(to_bob, 1)]))),
    ]
}

fn bundles(scene: &Scene) -> Vec<Case> {
    let by_bob = |transactions| propose(scene.block(BOB, transactions));
    let [first, second, third] = [0, 1, 2].map(|payment: usize| accept(&scene.payments[payment]));
    let edit = |edit: fn(&mut myceline_types::IncomingBundle)| match second.clone() {
        Transaction::Receive(mut incoming) => {
            edit(&mut incoming);
            Transaction::Receive(incoming)
        }
        other => other,
    };
    let never_sent = edit(|incoming| incoming.origin = ChainId(Hash([6; 32])));
    let richer = edit(|incoming| incoming.bundle.messages.extend(incoming.bundle.messages.clone()));
    let later = edit(|incoming| incoming.bundle.timestamp = Timestamp(incoming.bundle.timestamp.0 - 1));
    let skip = match &second {
        Transaction::Receive(incoming) => Transaction::Skip { origin: incoming.origin, up_to: incoming.bundle.cursor },
        other => other.clone(),
    };
    vec![
        ("a bundle that was never sent", by_bob(vec![never_sent])),
        ("a bundle that was consumed before", by_bob(vec![first])),
        ("a bundle twice in a block", by_bob(vec![second.clone(), second.clone()])),
        ("bundles in another order", by_bob(vec![third.clone(), second])),
        ("a bundle passed over", by_bob(vec![third])),
        ("a message more in a bundle", by_bob(vec![richer])),
        ("another time in a bundle", by_bob(vec![later])),
        ("value skipped unread", by_bob(vec![skip])),
    ]
}

fn rounds(scene: &Scene) -> Vec<Case> {
    let mut light = scene.payments[2].certificate.clone();
    light.slot.height = BlockHeight(3);
    light.signers = [0].into_iter().collect();
    std::sync::Arc::make_mut(&mut light.signatures).truncate(1);
    let by = |certificate| {
        let justification = Some(Justification::Certificate(certificate));
        propose(scene.sign(ANN, Proposal { round: Round(1), justification, ..good(scene) }))
    };
    let origins = vec![scene.payments[0].clone(); 257];
    vec![
        ("a later round for no reason", propose(scene.in_round(Round(1)))),
        ("a round far ahead", propose(scene.in_round(Round(1_000)))),
        ("a reason that weighs too little", by(light)),
        ("a reason of another height", by(scene.payments[2].certificate.clone())),
        (
            "too many blocks beside a proposal",
            Request::Propose(Box::new(ProposeRequest { origins, ..kit::request(good(scene)) })),
        ),
    ]
}
