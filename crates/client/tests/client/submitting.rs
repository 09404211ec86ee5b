//! Blocks from submission to finality, with cut links, restarts and rivals.

use crate::kit::*;
use myceline_client::SubmitError;
use myceline_storage::Memory;
use myceline_types::{Amount, BlockHeight, ChainId, Holder, Operation, Transaction};
use std::time::Duration;

async fn pay(client: &TestClient, chain: ChainId, id: u8, to: ChainId, tokens: u64) -> Result<(), SubmitError> {
    let submission = client.submit(chain, request(id), transfer(to, tokens), Vec::new()).await?;
    submission.finality().await.map(|_| ())
}

#[tokio::test]
async fn a_block_is_preconfirmed_then_final_and_its_bundle_arrives() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, bob) = (net.client(&["ann"]), net.client(&["bob"]));
    let submission = ann.submit(net.chain(0), request(1), transfer(net.chain(1), 5), Vec::new()).await.unwrap();
    let preconfirmed = submission.preconfirmed().hash();
    let done = submission.finality().await.unwrap();
    assert_eq!((done.hash(), done.certificate().block), (preconfirmed, preconfirmed));
    assert_eq!(tokens(&ann, net.chain(0)).await, 995);
    in_time(async { while bob.receive(net.chain(1)).await.unwrap().is_empty() {} }).await;
    assert_eq!(tokens(&bob, net.chain(1)).await, 1005);
}

#[tokio::test]
async fn more_than_one_listing_can_be_received_until_nothing_waits() {
    let net = Net::start(&["ann", "bob"]);
    let (ann, bob) = (net.client(&["ann"]), net.client(&["bob"]));
    for id in 0..12 {
        let hundred = (0..100).flat_map(|_| transfer_of(net.chain(1), 1)).collect();
        ann.submit(net.chain(0), request(id), hundred, Vec::new()).await.unwrap().finality().await.unwrap();
    }
    ann.deliver(net.chain(0)).await.unwrap();
    while !bob.receive(net.chain(1)).await.unwrap().is_empty() {}
    assert_eq!(bob.balance(net.chain(1), Holder::Chain).await.unwrap().0, Amount::from_tokens(1000).0 + 1200);
}

#[tokio::test]
async fn a_request_is_carried_out_once() {
    let net = Net::start(&["ann", "bob"]);
    let ann = net.client(&["ann"]);
    for _ in 0..3 {
        pay(&ann, net.chain(0), 1, net.chain(1), 5).await.unwrap();
    }
    assert_eq!(tokens(&ann, net.chain(0)).await, 995);
    pay(&ann, net.chain(0), 2, net.chain(1), 5).await.unwrap();
    assert_eq!(tokens(&ann, net.chain(0)).await, 990);
}

#[tokio::test]
async fn lost_answers_and_a_restart_do_not_pay_twice() {
    let net = Net::start(&["ann", "bob"]);
    let (store, wires) = (Memory::new(), net.wires());
    let ann = net.client_over(store.clone(), wires.clone(), &["ann"]);
    wires.iter().for_each(|wire| wire.set(Link::Deaf));
    let lost = pay(&ann, net.chain(0), 1, net.chain(1), 5).await;
    assert!(matches!(lost, Err(SubmitError::NoQuorum { answered: 0, needed: 3 })), "{lost:?}");
    drop(ann);
    wires.iter().for_each(|wire| wire.set(Link::Up));
    let again = net.client_over(store, wires, &["ann"]);
    pay(&again, net.chain(0), 1, net.chain(1), 5).await.unwrap();
    assert_eq!(tokens(&again, net.chain(0)).await, 995);
    assert_eq!(again.next_height(net.chain(0)).await.unwrap(), BlockHeight(1));
}

#[tokio::test]
async fn an_unfinished_block_is_finished_before_the_next_and_by_syncing() {
    let net = Net::start(&["ann", "bob"]);
    let (store, wires) = (Memory::new(), net.wires());
    let ann = net.client_over(store.clone(), wires.clone(), &["ann"]);
    for id in [1, 3] {
        wires.iter().for_each(|wire| wire.set(Link::Down));
        pay(&ann, net.chain(0), id, net.chain(1), 5).await.unwrap_err();
        wires.iter().for_each(|wire| wire.set(Link::Up));
        if id == 1 {
            pay(&ann, net.chain(0), 2, net.chain(1), 1).await.unwrap();
        } else {
            ann.sync(net.chain(0)).await.unwrap();
        }
    }
    assert_eq!(tokens(&ann, net.chain(0)).await, 989);
    assert_eq!(ann.next_height(net.chain(0)).await.unwrap(), BlockHeight(3));
}

#[tokio::test]
async fn a_dead_validator_costs_a_second_exchange_and_no_waiting() {
    let net = Net::start(&["ann", "bob"]);
    let wires = net.wires();
    let ann = net.client_over(Memory::new(), wires.clone(), &["ann"]);
    wires[1].set(Link::Down);
    for id in 1..=10 {
        pay(&ann, net.chain(0), id, net.chain(1), 1).await.unwrap();
    }
    wires[1].set(Link::Up);
    pay(&ann, net.chain(0), 11, net.chain(1), 1).await.unwrap();
    assert_eq!(tokens(&ann, net.chain(0)).await, 989);
}

#[tokio::test]
async fn what_cannot_work_is_said_before_anything_is_sent() {
    let net = Net::start(&["ann", "bob"]);
    let ann = net.client(&["ann"]);
    let too_much = ann.submit(net.chain(0), request(1), transfer(net.chain(1), 5000), Vec::new()).await;
    assert!(matches!(too_much, Err(SubmitError::Fails { index: 0, .. })), "{too_much:?}");
    let not_hers = ann.submit(net.chain(1), request(1), transfer(net.chain(0), 1), Vec::new()).await;
    assert!(matches!(not_hers, Err(SubmitError::NotOwner(_))), "{not_hers:?}");
    let nothing = ann.submit(net.chain(0), request(1), Vec::new(), Vec::new()).await;
    assert!(matches!(nothing, Err(SubmitError::Nothing)), "{nothing:?}");
}

#[tokio::test]
async fn many_submissions_at_once_become_blocks_in_order() {
    let net = Net::start(&["ann", "bob"]);
    let ann = net.client(&["ann"]);
    let submit = |id| pay(&ann, net.chain(0), id, net.chain(1), 1);
    for done in futures_util::future::join_all((1..=50).map(submit)).await {
        done.unwrap();
    }
    assert_eq!(ann.next_height(net.chain(0)).await.unwrap(), BlockHeight(50));
    assert_eq!(tokens(&ann, net.chain(0)).await, 950);
    for validator in net.wires() {
        in_time(settled(&validator, net.chain(0), 50)).await;
    }
}

/// Waits until a client finds so many blocks of a chain.
async fn reaches(client: &TestClient, chain: ChainId, blocks: u64) {
    while client.sync(chain).await.unwrap().next < BlockHeight(blocks) {}
}

/// Waits until a validator has so many blocks of a chain.
async fn settled(validator: &Wire, chain: ChainId, blocks: u64) {
    use myceline_rpc::Peer;
    use myceline_types::api::{Request, Response};
    loop {
        let answer = validator.call(Request::Info { chain, nonce: 1 }.into()).await.unwrap();
        let Response::Info(info) = answer else { panic!("{answer:?}") };
        if info.info.next == BlockHeight(blocks) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_devices_at_once_lose_nothing_and_agree() {
    let net = Net::start(&["ann", "bob"]);
    let (phone, laptop) = (net.client(&["ann"]), net.client(&["ann"]));
    for round in 0..10u8 {
        let (first, second) = tokio::join!(
            pay(&phone, net.chain(0), 2 * round, net.chain(1), 1),
            pay(&laptop, net.chain(0), 2 * round + 1, net.chain(1), 1)
        );
        first.unwrap();
        second.unwrap();
    }
    for device in [&phone, &laptop] {
        // The last block is known to its maker before it is to validators.
        in_time(reaches(device, net.chain(0), 20)).await;
        assert_eq!(tokens(device, net.chain(0)).await, 980);
    }
    for height in (0..20).map(BlockHeight) {
        let blocks =
            (phone.block(net.chain(0), height).await.unwrap(), laptop.block(net.chain(0), height).await.unwrap());
        assert_eq!(blocks.0.unwrap().block, blocks.1.unwrap().block);
    }
}

#[tokio::test]
async fn a_new_chain_is_used_at_once_and_found_by_its_owner() {
    let net = Net::start(&["ann", "bob"]);
    let ann = net.client(&["ann", "eve"]);
    let open = Operation::OpenChain(Box::new(chain_config(owner("eve"), 10)));
    let open = vec![Transaction::Execute(open)];
    let submission = ann.submit(net.chain(0), request(1), open, Vec::new()).await.unwrap();
    let opened = submission.finality().await.unwrap().opened();
    let &[child] = &opened[..] else { panic!("{opened:?}") };
    pay(&ann, child, 1, net.chain(1), 3).await.unwrap();
    let eve = net.client(&["eve"]);
    in_time(async { while eve.chains_of(owner("eve")).await.unwrap() != [child] {} }).await;
    in_time(reaches(&eve, child, 1)).await;
    assert_eq!(tokens(&eve, child).await, 7);
    pay(&eve, child, 1, net.chain(1), 3).await.unwrap();
    assert_eq!(tokens(&eve, child).await, 4);
}
