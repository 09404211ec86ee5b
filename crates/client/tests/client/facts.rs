//! What other chains made known: a client fetches what its blocks rest on, and brings it to validators that lack it.

use crate::{
    kit::*,
    puppet::{self, Strings, call, create, make, notes},
};
use myceline_client::SubmitError;
use myceline_rpc::Peer;
use myceline_storage::Memory;
use myceline_types::{
    Amount, ApplicationId, Blob, BlobId, BlobKind, BlockHeight, ChainId, Fact, Hash, Opaque, Operation, StreamId,
    Transaction,
    api::{Request, Response},
    guest::{self, OutgoingMessage},
};

fn put(key: &str, value: u8) -> Strings {
    Strings::default().ask::<guest::Put>((Opaque(key.as_bytes().to_vec()), Some(Opaque(vec![value]))))
}

/// Where a validator says that a fact was made known.
async fn place(wire: &Wire, fact: &Fact) -> Option<(ChainId, BlockHeight)> {
    match wire.call(Request::Where(fact.clone()).into()).await.unwrap() {
        Response::Where(place) => place,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_of_another_chain_is_called_by_somebody_who_never_saw_that_chain() {
    let net = puppet::net(&["ann", "bob"]);
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, net.chain(0)).await;
    call(&bob, net.chain(1), 1, application, put("a", 7)).await.unwrap();
    assert_eq!(notes(&bob, net.chain(1), application).await, [(b"a".to_vec(), vec![7])]);
    let asker = puppet::client(&net, &[]);
    asker.sync(net.chain(1)).await.unwrap();
    assert_eq!(notes(&asker, net.chain(1), application).await, [(b"a".to_vec(), vec![7])]);
}

#[tokio::test]
async fn a_validator_that_missed_where_an_application_comes_from_is_brought_that() {
    let net = puppet::net(&["ann", "bob"]);
    let wires = net.wires();
    let ann = puppet::client_over(&net, Memory::new(), wires.clone(), &["ann"]);
    wires[3].set(Link::Down);
    let application = create(&ann, net.chain(0)).await;
    let fact = Fact::Blob(application.blob());
    let wires = net.wires();
    assert_eq!(place(&wires[3], &fact).await, None);

    let bob = puppet::client_over(&net, Memory::new(), wires.clone(), &["bob"]);
    call(&bob, net.chain(1), 1, application, put("a", 7)).await.unwrap();
    assert_eq!(place(&wires[3], &fact).await, Some((net.chain(0), BlockHeight(1))));
    let info = wires[3].call(Request::Info { chain: net.chain(1), nonce: 1 }.into()).await.unwrap();
    assert!(
        matches!(info, Response::Info(info) if info.info.next == BlockHeight(1)),
        "it has the block that rests on it"
    );
}

#[tokio::test]
async fn a_message_for_an_application_that_the_recipient_never_met_is_accepted() {
    let net = puppet::net(&["ann", "bob"]);
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, net.chain(0)).await;
    let message = OutgoingMessage {
        recipient: net.chain(1),
        bytes: Opaque(put("from ann", 3).bytes()),
        is_authenticated: false,
        is_tracked: false,
        grant: Amount::ZERO,
    };
    call(&ann, net.chain(0), 1, application, Strings::default().ask::<guest::Send>(message)).await.unwrap();
    assert_eq!(bob.receive(net.chain(1)).await.unwrap().len(), 1);
    assert_eq!(notes(&bob, net.chain(1), application).await, [(b"from ann".to_vec(), vec![3])]);
}

#[tokio::test]
async fn a_blob_and_an_event_of_another_chain_are_read_in_a_block() {
    let net = puppet::net(&["ann", "bob"]);
    let wires = net.wires();
    let (ann, bob) =
        (puppet::client_over(&net, Memory::new(), wires.clone(), &["ann"]), puppet::client(&net, &["bob"]));
    let application = create(&ann, net.chain(0)).await;
    let blob = Blob::data(b"picture".to_vec());
    wires[2].set(Link::Down);
    let publish = vec![Transaction::Execute(Operation::PublishBlob(blob.id()))];
    make(&ann, net.chain(0), 1, publish, vec![blob.clone()]).await.unwrap();
    let emit = Strings::default().ask::<guest::Emit>((Opaque(b"feed".to_vec()), Opaque(b"hello".to_vec())));
    call(&ann, net.chain(0), 2, application, emit).await.unwrap();

    let stream = StreamId { application, name: Opaque(b"feed".to_vec()) };
    let reads =
        Strings::default().ask::<guest::ReadBlob>(blob.id()).ask::<guest::ReadEvent>((net.chain(0), stream.clone(), 0));
    let block = call(&bob, net.chain(1), 1, application, reads).await.unwrap();
    assert!(block.block().header().is_oracle_free(), "what was certified stays so");
    let event = bob.event(net.chain(0), &stream, 0).await.unwrap().unwrap();
    assert_eq!((event.index, event.value), (0, Opaque(b"hello".to_vec())));
    assert_eq!(bob.event(net.chain(0), &stream, 1).await, Ok(None));
    let missed = Fact::Event(net.chain(0), stream, 0);
    assert_eq!(place(&net.wires()[2], &missed).await, Some((net.chain(0), BlockHeight(3))));
}

#[tokio::test]
async fn what_nobody_knows_is_said_and_holds_nothing_else_up() {
    let net = puppet::net(&["ann", "bob"]);
    let (ann, bob) = (puppet::client(&net, &["ann"]), puppet::client(&net, &["bob"]));
    let nowhere = ApplicationId(Hash([9; 32]));
    let refused = call(&bob, net.chain(1), 1, nowhere, Strings::default()).await.unwrap_err();
    assert_eq!(refused, SubmitError::Lacks(Fact::Blob(nowhere.blob())));

    let application = create(&ann, net.chain(0)).await;
    let unknown = BlobId { kind: BlobKind::Data, hash: Hash([8; 32]) };
    let message = OutgoingMessage {
        recipient: net.chain(1),
        bytes: Opaque(Strings::default().ask::<guest::ReadBlob>(unknown).bytes()),
        is_authenticated: false,
        is_tracked: false,
        grant: Amount::ZERO,
    };
    call(&ann, net.chain(0), 1, application, Strings::default().ask::<guest::Send>(message)).await.unwrap();
    make(&ann, net.chain(0), 2, transfer(net.chain(1), 5), Vec::new()).await.unwrap();
    assert!(bob.receive(net.chain(1)).await.unwrap().is_empty(), "the message cannot be executed and is not rejected");
    make(&bob, net.chain(1), 2, transfer(net.chain(0), 1), Vec::new()).await.unwrap();
    assert_eq!(tokens(&bob, net.chain(1)).await, 999);
}
