//! What a client makes of bundles by the policy of its chain.

use crate::kit::*;
use myceline_client::{MessagePolicy, Treatment};

#[tokio::test]
async fn what_is_ignored_waits_until_the_policy_changes() {
    let net = Net::start(&["ann", "bob", "eve"]);
    let (ann, bob, eve) = (net.client(&["ann"]), net.client(&["bob"]), net.client(&["eve"]));
    let chain = net.chain(1);
    for (client, from) in [(&ann, 0), (&eve, 2)] {
        let sent = client.submit(net.chain(from), request(1), transfer(chain, 5), Vec::new()).await.unwrap();
        sent.finality().await.unwrap();
        client.deliver(net.chain(from)).await.unwrap();
    }
    bob.set_policy(chain, MessagePolicy { ignored: [net.chain(2)].into(), ..MessagePolicy::default() });
    assert_eq!(bob.receive(chain).await.unwrap().len(), 1);
    assert_eq!(tokens(&bob, chain).await, 1005, "only what ann sent");
    let sent = bob.submit(chain, request(1), transfer(net.chain(0), 1), Vec::new()).await.unwrap();
    sent.finality().await.unwrap();
    assert_eq!(tokens(&bob, chain).await, 1004, "a block of the owner's own takes in no more than that");
    bob.set_policy(chain, MessagePolicy::default());
    assert_eq!(bob.receive(chain).await.unwrap().len(), 1);
    assert_eq!(tokens(&bob, chain).await, 1009);
}

#[tokio::test]
async fn what_is_rejected_goes_back() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, bob) = (net.client(&["ann"]), net.client(&["bob"]));
    let sent = ann.submit(net.chain(0), request(1), transfer(net.chain(1), 5), Vec::new()).await.unwrap();
    sent.finality().await.unwrap();
    ann.deliver(net.chain(0)).await.unwrap();
    bob.set_policy(net.chain(1), MessagePolicy { otherwise: Treatment::Reject, ..MessagePolicy::default() });
    assert_eq!(bob.receive(net.chain(1)).await.unwrap().len(), 1);
    bob.deliver(net.chain(1)).await.unwrap();
    assert_eq!(tokens(&bob, net.chain(1)).await, 1000);
    assert_eq!(ann.receive(net.chain(0)).await.unwrap().len(), 1);
    assert_eq!(tokens(&ann, net.chain(0)).await, 1000);
}
