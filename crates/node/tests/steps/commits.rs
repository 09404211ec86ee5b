//! Commits: final blocks with their outcome, in one order, with their bundles delivered by the same write.

use crate::kit::{self, Act, Node, certify, chains, network, request, transfer, vote};
use myceline_node::{
    Answers, Cell, KnownBlobs, Lacking, Moment, NativeOnly, Network, Patience, Role, Step, layout::table, read,
};
use myceline_state::{Key, MemorySnapshot, Sparse, Value};
use myceline_types::{
    Amount, Blob, BlockHeight, CertificateKind, ChainConfig, ChainId, Operation, Ownership, Permissions, Refusal,
    Timestamp, Transaction,
    api::{CertificateRequest, Response},
    crypto::CryptoVerifier,
};
use std::sync::Arc;

fn validators(network: &Arc<Network>) -> Vec<Node> {
    (0..kit::VALIDATORS).map(|place| Node::new(network, Some(place))).collect()
}

fn committed(next: u64) -> Response {
    Response::Committed { next: BlockHeight(next) }
}

#[test]
fn a_proposal_carries_the_certificate_of_the_block_before_it() {
    let network = network(2);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let first = wallet.stage(c[0], 0, vec![transfer(c[1], 30)], vec![]);
    let certificate = certify(&mut validators, &request(&network, 0, &first, None), &first);
    let taking = CertificateRequest { certificate: certificate.clone(), block: None, blobs: vec![] };
    let kept = CertificateRequest { block: Some(first.block.clone()), ..taking.clone() };
    wallet.group(vec![(c[0], Box::new(|work| work.certificate(&kept)))]);
    let second = wallet.stage(c[0], 0, vec![transfer(c[1], 40)], vec![]);
    let with_parent = request(&network, 0, &second, Some(certificate));
    for validator in &mut validators {
        vote(validator.propose(&with_parent));
        let (commits, next) = read::commits(&validator.store, 0, 10).unwrap();
        assert_eq!((next, &commits[0].0.block), (1, &first.block));
        let waiting = read::waiting(&validator.store, c[1], None, 10).unwrap();
        assert_eq!(waiting.len(), 1, "what the first block sent is delivered, what the second will send is not");
        assert_eq!(validator.step(c[0], Box::new(|work| work.certificate(&taking))), committed(1), "again is no error");
    }
}

#[test]
fn commits_of_a_group_get_places_in_a_row() {
    let network = network(3);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let requests: Vec<CertificateRequest> = (0..3u8)
        .map(|number| {
            let candidate = wallet.stage(c[usize::from(number)], number, vec![transfer(c[0], 1)], vec![]);
            let certificate = certify(&mut validators, &request(&network, number, &candidate, None), &candidate);
            CertificateRequest { certificate, block: None, blobs: vec![] }
        })
        .collect();
    let acts = requests.iter().map(|request| {
        let act: Act<'_> = Box::new(|work| work.certificate(request));
        (request.certificate.slot.chain, act)
    });
    validators[0].group(acts.collect());
    let (index, next) = read::commit_index(&validators[0].store, 0, 10).unwrap();
    assert_eq!((index, next), (c.iter().map(|chain| (*chain, BlockHeight(0))).collect(), 3));
}

#[test]
fn a_validator_that_never_saw_the_proposal_takes_the_block_with_its_certificate() {
    let network = network(2);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let candidate = wallet.stage(c[0], 0, vec![transfer(c[1], 30)], vec![]);
    let certificate = certify(&mut validators, &request(&network, 0, &candidate, None), &candidate);
    let mut late = Node::new(&network, Some(0));
    let bare = CertificateRequest { certificate: certificate.clone(), block: None, blobs: vec![] };
    let answer = late.step(c[0], Box::new(|work| work.certificate(&bare)));
    let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
    assert!(matches!(*refusal, Refusal::Missing(missing) if missing.body == Some(candidate.hash)));
    let whole = CertificateRequest { certificate, block: Some(candidate.block.clone()), blobs: vec![] };
    assert_eq!(late.step(c[0], Box::new(|work| work.certificate(&whole))), committed(1));
    let certified = read::certified(&late.store, c[0], BlockHeight(0)).unwrap().unwrap();
    assert_eq!(certified.block, candidate.block);
}

#[test]
fn a_block_that_was_only_confirmed_is_readable_with_its_outcome_once_it_is_final() {
    let network = network(2);
    let (c, mut wallet, mut voters) = (chains(&network), Node::new(&network, None), validators(&network));
    let candidate = wallet.stage(c[0], 0, vec![transfer(c[1], 30)], vec![]);
    let mut validated = certify(&mut voters[..3], &request(&network, 0, &candidate, None), &candidate);
    let mut late = Node::new(&network, Some(3));
    let confirm =
        CertificateRequest { certificate: validated.clone(), block: Some(candidate.block.clone()), blobs: vec![] };
    let mut confirming = |node: &mut Node| vote(node.step(c[0], Box::new(|work| work.certificate(&confirm))));
    let mut votes: Vec<_> = voters[1..3].iter_mut().map(&mut confirming).collect();
    votes.push(confirming(&mut late));
    validated.kind = CertificateKind::Confirmed;
    validated.signers = votes.iter().map(|vote| vote.signer).collect();
    validated.signatures = Arc::new(votes.into_iter().map(|vote| vote.signature).collect());
    late.restart();
    let last = CertificateRequest { certificate: validated, block: None, blobs: vec![] };
    assert_eq!(late.step(c[0], Box::new(|work| work.certificate(&last))), committed(1));
    let certified = read::certified(&late.store, c[0], BlockHeight(0)).unwrap().unwrap();
    assert_eq!(certified.block, candidate.block);
}

#[test]
fn a_published_blob_is_kept_from_the_vote_on_and_readable_after_the_commit() {
    let network = network(1);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let blob = Blob::data(b"shared".to_vec());
    let publish = Transaction::Execute(Operation::PublishBlob(blob.id()));
    let candidate = wallet.stage(c[0], 0, vec![publish], vec![blob.clone()]);
    let without = request(&network, 0, &candidate, None);
    let answer = validators[0].propose(&without);
    let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
    assert!(matches!(*refusal, Refusal::Missing(missing) if missing.blobs == [blob.id()]));
    let with = myceline_types::api::ProposeRequest { blobs: vec![blob.clone()], ..without };
    let certificate = certify(&mut validators, &with, &candidate);
    let bare = CertificateRequest { certificate, block: None, blobs: vec![] };
    for validator in &mut validators {
        assert_eq!(read::blob(&validator.store, blob.id()), Ok(None), "not certified yet");
        validator.restart();
        assert_eq!(validator.step(c[0], Box::new(|work| work.certificate(&bare))), committed(1));
        assert_eq!(read::blob(&validator.store, blob.id()), Ok(Some(blob.clone())));
    }
}

#[test]
fn r31_validators_learn_of_public_chains_that_blocks_open_and_of_chains_that_become_public() {
    let network = network(1);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let public =
        ChainConfig { ownership: Ownership::public(), permissions: Permissions::default(), balance: Amount::ZERO };
    let wanted = [Operation::OpenChain(Box::new(public)), Operation::ChangeOwnership(Box::new(Ownership::public()))];
    let wanted = wanted.map(Transaction::Execute).to_vec();
    let candidate = wallet.stage(c[0], 0, wanted, vec![]);
    let certificate = certify(&mut validators, &request(&network, 0, &candidate, None), &candidate);
    let taking = CertificateRequest { certificate, block: None, blobs: vec![] };
    assert_eq!(read::public_chains(&validators[0].store, None, 10), Ok(vec![]), "a vote makes no chain public");
    validators[0].step(c[0], Box::new(|work| work.certificate(&taking)));
    let mut expected = vec![candidate.block.opened()[0], c[0]];
    assert_eq!(validators[0].public, expected);
    expected.sort();
    let page = |after, limit| read::public_chains(&validators[0].store, after, limit).unwrap();
    assert_eq!((page(None, 10), page(None, 1)), (expected.clone(), expected[..1].to_vec()));
    assert_eq!(page(Some(expected[0]), 10), expected[1..]);
}

#[test]
fn a_step_over_a_store_in_which_every_first_read_is_absent_does_the_same() {
    let network = network(2);
    let (c, mut wallet, mut validators) = (chains(&network), Node::new(&network, None), validators(&network));
    let candidate = wallet.stage(c[0], 0, vec![transfer(c[1], 30)], vec![]);
    let certificate = certify(&mut validators, &request(&network, 0, &candidate, None), &candidate);
    let take = CertificateRequest { certificate, block: None, blobs: vec![] };
    let step = fetching(&network, &validators[0].store, c[0], &take);
    let mut expected = validators[0].store.clone();
    validators[0].restart();
    validators[0].step(c[0], Box::new(|work| work.certificate(&take)));
    expected.apply(step.rows);
    let places = |(key, _): &(&Key, &Value)| [table::COMMIT, table::HEIGHT, table::META].contains(&key[0]);
    assert!(validators[0].store.iter().filter(|row| !places(row)).eq(expected.iter()), "but for what the group adds");
    assert_eq!(step.commits.len(), 1);
}

/// Steps a chain of a store that has nothing at hand, fetching what is lacking until nothing is.
fn fetching(network: &Arc<Network>, store: &MemorySnapshot, chain: ChainId, take: &CertificateRequest) -> Step {
    let mut sparse = Sparse::new(store.clone());
    let verifier = CryptoVerifier::new();
    loop {
        let lacking = match Cell::load(network, chain, &sparse) {
            Err(absent) => vec![absent],
            Ok(cell) => {
                let moment = Moment {
                    now: Timestamp(100),
                    view: &sparse,
                    verifier: &verifier,
                    known_blobs: &KnownBlobs::default(),
                    role: Role::Validator,
                    engine: &NativeOnly,
                    web: &Answers::new(),
                    patience: Patience::Endless,
                };
                match cell.expect("the chain exists").step(moment, |work| work.certificate(take)) {
                    Ok(step) => return step,
                    Err(Lacking::Rows(absent)) => absent,
                    Err(other) => panic!("only rows are lacking, not {other:?}"),
                }
            }
        };
        for absent in lacking {
            assert!(sparse.fetch(absent), "nothing is asked for twice");
        }
    }
}
