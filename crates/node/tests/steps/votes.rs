//! Votes: given once, durable before they leave, sent again byte for byte, and signed together.

use crate::kit::{self, Act, Node, certify, chains, network, request, transfer, vote};
use myceline_node::{Answer, Sealer, Step, VoteKey};
use myceline_state::MemorySnapshot;
use myceline_types::{
    Ballot, BlockHash, BlockHeight, Epoch, Hash, Refusal, Round, Slot, Verifier as _, Vote, api::Response,
    crypto::CryptoVerifier, vote::SignedVote,
};

#[test]
fn r11_a_vote_is_sent_again_byte_for_byte_after_a_restart() {
    let network = network(2);
    let (c, mut wallet, mut validator) = (chains(&network), Node::new(&network, None), Node::new(&network, Some(0)));
    let candidate = wallet.stage(c[0], 0, vec![transfer(c[1], 1)], vec![]);
    let request = request(&network, 0, &candidate, None);
    let first = validator.propose(&request);
    assert_eq!(validator.propose(&request), first);
    validator.restart();
    assert_eq!(validator.propose(&request), first);
    vote(first);
}

#[test]
fn r12_no_other_block_gets_a_vote_in_the_round_also_after_a_restart() {
    let network = network(2);
    let (c, mut wallet, mut validator) = (chains(&network), Node::new(&network, None), Node::new(&network, Some(0)));
    let [one, other] = [1, 2].map(|tokens| wallet.stage(c[0], 0, vec![transfer(c[1], tokens)], vec![]));
    let given = vote(validator.propose(&request(&network, 0, &one, None)));
    for _ in 0..2 {
        let answer = validator.propose(&request(&network, 0, &other, None));
        let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
        let Refusal::Voted { vote, body } = *refusal else { panic!("{refusal:?}") };
        assert_eq!(vote, given, "the refusal shows the vote that was given");
        assert_eq!(body.map(|body| *body), Some(one.block.body()), "and what it was for");
        validator.restart();
    }
}

#[test]
fn votes_of_a_group_share_signatures_and_each_can_be_checked_alone() {
    const CHAINS: u8 = 40;
    let network = network(CHAINS);
    let (c, mut wallet, mut validator) = (chains(&network), Node::new(&network, None), Node::new(&network, Some(3)));
    let requests: Vec<_> = (0..CHAINS)
        .map(|number| {
            let to = c[usize::from(number + 1) % c.len()];
            let candidate = wallet.stage(c[usize::from(number)], number, vec![transfer(to, 1)], vec![]);
            request(&network, number, &candidate, None)
        })
        .collect();
    let acts = requests.iter().map(|request| {
        let act: Act<'_> = Box::new(|work| work.propose(request));
        (request.proposal.body.proposed.chain, act)
    });
    let votes: Vec<SignedVote> = validator.group(acts.collect()).into_iter().flatten().map(vote).collect();
    let mut signatures: Vec<_> = votes.iter().map(|vote| vote.signature.signature).collect();
    signatures.sort();
    signatures.dedup();
    assert_eq!((votes.len(), signatures.len()), (40, 2), "32 votes under the first signature, 8 under the second");
    let key = kit::validator_secret(3).public();
    for vote in &votes {
        let leaf = vote.vote.leaf(network.id());
        assert!(CryptoVerifier::new().vote(network.id(), &key, leaf, &vote.signature));
    }
}

#[test]
fn a_vote_that_another_step_of_its_group_has_passed_is_asked_for_again() {
    let network = network(1);
    let slot = Slot { chain: chains(&network)[0], height: BlockHeight(0), epoch: Epoch(0) };
    let vote = |round| Vote { slot, round: Round(round), ballot: Ballot::Validate(BlockHash(Hash::ZERO)) };
    let step = |round| Step { answer: Some(Answer::Vote(vote(round))), ..Step::default() };
    let mut sealer = Sealer::new(Some(VoteKey::new(kit::validator_secret(0), 0, network.id())), 0);
    let sealed = sealer.seal(&MemorySnapshot::new(), vec![step(0), step(1)]).unwrap();
    let [Some(Response::Refused(refusal)), Some(Response::Vote(given))] = &sealed.responses[..] else {
        panic!("{:?}", sealed.responses)
    };
    assert_eq!((&**refusal, given.vote), (&Refusal::Busy, vote(1)), "the validator goes on, so it has not halted");
}

#[test]
fn a_step_that_is_never_sealed_leaves_no_vote() {
    let network = network(2);
    let (c, mut wallet) = (chains(&network), Node::new(&network, None));
    let mut validators: Vec<Node> = (0..kit::VALIDATORS).map(|place| Node::new(&network, Some(place))).collect();
    let [one, other] = [1, 2].map(|tokens| wallet.stage(c[0], 0, vec![transfer(c[1], tokens)], vec![]));
    let before = validators[0].store.clone();
    vote(validators[0].propose(&request(&network, 0, &one, None)));
    // The machine stopped before the group was durable, so nobody can have seen the vote.
    validators[0].store = before;
    validators[0].restart();
    let certificate = certify(&mut validators, &request(&network, 0, &other, None), &other);
    assert_eq!(certificate.signatures.len(), 4);
}

#[test]
fn a_proposal_that_its_owner_did_not_sign_is_refused_and_costs_no_state() {
    let network = network(2);
    let (c, mut wallet, mut validator) = (chains(&network), Node::new(&network, None), Node::new(&network, Some(0)));
    let candidate = wallet.stage(c[0], 0, vec![transfer(c[1], 1)], vec![]);
    let mut forged = request(&network, 0, &candidate, None);
    forged.proposal.signature = kit::owner_secret(1).sign(forged.proposal.digest(network.id()));
    let answer = validator.propose(&forged);
    assert!(matches!(&answer, Response::Refused(refusal) if matches!(**refusal, Refusal::Request(_))), "{answer:?}");
    assert!(validator.store.is_empty());
}
