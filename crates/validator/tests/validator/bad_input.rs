//! Bad input: each kind of malformed or dishonest request has its typed refusal, and costs a validator no state.
//!
//! Bytes that are no requests at all never come this far: the tests of `rpc` have those.

mod certificates;
mod proposals;
mod scene;

use crate::kit::Net;
use expect_test::expect;
use myceline_rpc::Peer;
use myceline_state::{Key, Snapshot, Value};
use myceline_types::{
    Refusal,
    api::{Request, Response, SUBSCRIBED_CHAINS_MAX, Subscribe},
};
use scene::Scene;

/// A kind of request, and one of it.
type Case = (&'static str, Request);

/// Everything that the validator in question has in its store.
fn rows(net: &Net) -> Vec<(Key, Value)> {
    net.validators[0].local().view().scan(&[], &[], usize::MAX).unwrap()
}

/// What sort of refusal it is, as the code calls it.
fn sort(refusal: &Refusal) -> String {
    let debug = format!("{refusal:?}");
    let names = debug.split(|sign: char| !sign.is_alphanumeric()).take(2);
    names.filter(|name| name.starts_with(char::is_uppercase)).collect::<Vec<_>>().join("::")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_bad_request_has_its_refusal_and_costs_no_state() {
    let scene = Scene::set().await;
    let cases = [proposals::cases(&scene).await, certificates::cases(&scene).await].concat();
    let before = rows(&scene.net);
    let mut table = String::new();
    for (name, request) in cases {
        let answer = scene.net.peers[0].call(request.into()).await.unwrap();
        let Response::Refused(refusal) = answer else { panic!("{name}: {answer:?}") };
        table.push_str(&format!("{name}\n    {}: {refusal}\n", sort(&refusal)));
        assert!(rows(&scene.net) == before, "{name} costs state");
    }
    expect![[r#"
        a signature over another block
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        somebody else's signature in the owner's name
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        no signature
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        a signature of another kind of key
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        a signature for another network
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        somebody who is no owner
            NotProposer::Round: this owner may not propose in round 0
        a height that is decided
            Final::CertifiedBlock: height 0 of this chain is already final
        a decided proposal, played again
            Final::CertifiedBlock: height 2 of this chain is already final
        a gap in the heights
            Lagging: this validator has only seen the blocks below height 3: send the certified blocks from there on
        the last height of all
            Lagging: this validator has only seen the blocks below height 3: send the certified blocks from there on
        another previous block
            Block::Previous: the block is invalid: it does not follow the chain's last block
        an epoch that has not begun
            Epoch: the chain is in epoch 0, not 1
        a chain that was never opened
            UnknownChain::ChainId: chain 0505050505050505050505050505050505050505050505050505050505050505 is not known here: send the certified block that opened it
        a question about a chain that was never opened
            UnknownChain::ChainId: chain 0505050505050505050505050505050505050505050505050505050505050505 is not known here: send the certified block that opened it
        another outcome than execution has
            Mismatch: execution gives another block
        no transactions
            Block::Empty: the block is invalid: it has no transactions
        too many transactions
            Block::Limit: the block is invalid: it has more transactions than the limit of 1000
        too many bytes
            Block::Limit: the block is invalid: it has more bytes than the limit of 1048576
        another author
            Block::Author: the block is invalid: its author is not its proposer
        a time in the far future
            Block::TimestampTooNew: the block is invalid: its time is too far in the future
        a time before the previous block
            Block::TimestampTooOld: the block is invalid: its time is before that of the previous block or of a bundle in it
        more than there is
            Block::Transaction: the block is invalid: transaction 0 fails: chain has 94, which is less than 1000000
        more than can be counted
            Block::Transaction: the block is invalid: transaction 0 fails: chain has 94, which is less than 340282366920938463463.374607431768211455
        nothing at all
            Block::Transaction: the block is invalid: transaction 0 fails: the amount must be above zero
        somebody else's account
            Block::Transaction: the block is invalid: transaction 0 fails: ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d may not act for ed25519:561b0c561ddaccc1833c60687c466c4839a94ae738846de3eca512475d086cc2
        an ownership without owners
            Block::Transaction: the block is invalid: transaction 0 fails: a chain needs at least one owner, or nobody could ever propose a block
        an application that nobody has published
            Missing::Missing: something is missing here: send it along
        another committee
            Block::Transaction: the block is invalid: transaction 0 fails: this version of the protocol has one epoch: committees cannot change yet
        a blob that does not come along
            Missing::Missing: something is missing here: send it along
        other bytes in place of a blob
            Missing::Missing: something is missing here: send it along
        a blob that is too large
            Block::Limit: the block is invalid: it has more bytes in a blob than the limit of 1048576
        something on a closed chain
            Block::Closed: the block is invalid: the chain is closed: it only rejects bundles
        a bundle that was never sent
            Missing::Missing: something is missing here: send it along
        a bundle that was consumed before
            Block::BundleOrder: the block is invalid: the bundle 0:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not the next one: nothing can be skipped
        a bundle twice in a block
            Block::BundleOrder: the block is invalid: the bundle 1:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not the next one: nothing can be skipped
        bundles in another order
            Block::BundleOrder: the block is invalid: the bundle 2:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not the next one: nothing can be skipped
        a bundle passed over
            Block::BundleOrder: the block is invalid: the bundle 2:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not the next one: nothing can be skipped
        a message more in a bundle
            Block::BundleContent: the block is invalid: the bundle 1:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not what its origin sent
        another time in a bundle
            Block::BundleContent: the block is invalid: the bundle 1:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb is not what its origin sent
        value skipped unread
            Block::NotSkippable: the block is invalid: the bundle 1:0 from 16567169f5df1ebce8ca53d6d12c9ff12eb167814a065e99d5ec1562d2334edb carries value or expects an answer: accept it or reject it, it cannot be skipped
        a later round for no reason
            Unjustified::Round: nothing permits this block in round 1: show a certificate or a timeout certificate of an earlier round
        a round far ahead
            Round: the chain is in round 0
        a reason that weighs too little
            Request::Justification: the justification is invalid: the votes weigh 1 of the needed 3
        a reason of another height
            Request::Justification: the justification is invalid: the certificate is about another chain, height or epoch
        too many blocks beside a proposal
            Malformed: the request is malformed: more than 256 origin blocks
        too few signers
            Certificate::TooLight: the votes weigh 2 of the needed 3
        a signature twice
            Certificate::Signers: the signers of the certificate are not written in their one form
        a signer who is in no committee
            Certificate::UnknownSigner: signer 9 is not in the committee
        signatures of others than the signers
            Certificate::Signature: the signature of signer 1 does not fit its vote
        another path to the signed root
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a path for another place
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a high s
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a certificate for another block
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a validated block as confirmed
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a certificate in another round
            Certificate::Signature: the signature of signer 1 does not fit its vote
        a certificate for another chain
            UnknownChain::ChainId: chain 0505050505050505050505050505050505050505050505050505050505050505 is not known here: send the certified block that opened it
        a certificate above a gap
            Lagging: this validator has only seen the blocks below height 3: send the certified blocks from there on
        a certificate of an epoch that has not begun
            Epoch: the chain is in epoch 0, not 1
        a certificate without its block
            Missing::Missing: something is missing here: send it along
        a certificate with another block
            Mismatch: execution gives another block
        a round left by too few
            Certificate::TooLight: the votes weigh 2 of the needed 3
        a round left by one, twice
            Certificate::Signers: the signers of the certificate are not written in their one form
        a round left by nobody's signatures
            Certificate::Signature: the signature of signer 0 does not fit its vote
        a request to leave by somebody who is no owner
            NotProposer::Round: this owner may not propose in round 0
        a request to leave another round than was signed
            Request::Signature: the signature of ed25519:08633aaa8ceae352db7790dd112354f6b65be6c94e46714326db6c80a1f3302d does not fit: sign the digest of this network with the key of this owner
        a proof about a chain that was never opened
            UnknownChain::ChainId: chain 0505050505050505050505050505050505050505050505050505050505050505 is not known here: send the certified block that opened it
    "#]].assert_eq(&table);
    scene.still_works().await;
}

#[tokio::test]
async fn a_subscription_to_too_many_chains_is_refused() {
    let net = Net::start(1);
    let subscribe = Subscribe { chains: vec![net.chains[0]; SUBSCRIBED_CHAINS_MAX + 1], resume: None };
    let refused = net.peers[0].subscribe(subscribe).await.err().map(|why| why.to_string());
    expect!["the validator refuses: the request is malformed: more than 10000 chains in one subscription"]
        .assert_eq(&refused.unwrap());
}
