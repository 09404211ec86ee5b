//! A transfer becomes final, arrives and is spent.

use crate::kit::*;
use myceline_node::read;
use myceline_rpc::Peer;
use myceline_types::{
    Amount, BlockHeight, BundleAction, Certificate, CertifiedBlock, Holder, IncomingBundle, Refusal, Timestamp,
    Transaction,
    api::{ProposeRequest, Request, Response},
};

impl Net {
    async fn balance(&self, chain: usize) -> Amount {
        let balance = |work: &mut myceline_node::Work<'_, _>| Ok(work.balance(&Holder::Chain)?);
        let local = self.wallet.act(self.chains[chain], balance).durable().await.unwrap();
        for validator in &self.validators {
            assert_eq!(validator.local().act(self.chains[chain], balance).durable().await.unwrap(), local);
        }
        local
    }

    /// Proposes a block of the second chain that consumes a bundle which has not arrived.
    async fn propose_in_vain(&self, origin: &CertifiedBlock, parent: Option<Certificate>) {
        let candidate = self.stage(1, vec![receive(origin)], vec![]).await;
        let request = ProposeRequest { parent, ..request(self.propose(1, &candidate)) };
        let answer = self.peers[0].call(Request::Propose(Box::new(request)).into()).await.unwrap();
        let Response::Refused(refusal) = answer else { panic!("{answer:?}") };
        let Refusal::Missing(missing) = *refusal else { panic!("{refusal:?}") };
        assert_eq!(missing.bundles.len(), 1);
    }
}

fn receive(certified: &CertifiedBlock) -> Transaction {
    let (_, bundle) = certified.block.bundles().remove(0);
    Transaction::Receive(IncomingBundle {
        origin: certified.block.proposed.chain,
        bundle,
        action: BundleAction::Accept,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn value_moves_between_chains_in_one_trip_each() {
    let net = Net::start(2);
    let sent = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    net.commit(&sent).await;
    let received = net.certify(1, vec![receive(&sent)], vec![transfer(net.chains[0], 120)]).await;
    net.commit(&received).await;
    assert_eq!(net.balance(0).await, Amount::from_tokens(70));
    assert_eq!(net.balance(1).await, Amount::from_tokens(10));
    let back = net.certify(0, vec![receive(&received)], vec![]).await;
    net.commit(&back).await;
    assert_eq!(net.balance(0).await, Amount::from_tokens(190));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_was_never_sent_is_named_as_missing() {
    let net = Net::start(2);
    let mut forged = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    forged.block.proposed.timestamp = Timestamp(2);
    net.propose_in_vain(&forged, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parent_that_comes_with_a_waiting_proposal_is_durable() {
    let net = Net::start(2);
    let parent = net.certify(1, vec![], vec![transfer(net.chains[0], 1)]).await;
    net.keep(&parent).await;
    let mut forged = net.certify(0, vec![], vec![transfer(net.chains[1], 30)]).await;
    forged.block.proposed.timestamp = Timestamp(2);
    net.propose_in_vain(&forged, Some(parent.certificate)).await;
    let view = net.validators[0].local().view();
    assert!(read::has_block(&view, net.chains[1], BlockHeight(0)).unwrap());
}
