//! Our bytes are what `validator.proto` says, read by somebody else's Protocol Buffers.

use crate::{
    fixture::{Fake, Running, answer, ask, echo, follow, news, refused},
    raw::{Raw, grpc_message},
};
use myceline_rpc::Limits;
use myceline_types::{BlockHeight, Refusal, api::Subscribe, encoding};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value, prost::Message};
use std::path::Path;

/// `validator.proto` as its reader understands it.
fn pool() -> DescriptorPool {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let files = protox::compile(["validator.proto"], [folder]).unwrap();
    DescriptorPool::from_file_descriptor_set(files).unwrap()
}

fn message(name: &str) -> MessageDescriptor {
    pool().get_message_by_name(&format!("myceline.v1.{name}")).unwrap()
}

fn envelope(id: u64, body: Vec<u8>) -> DynamicMessage {
    let mut envelope = DynamicMessage::new(message("Envelope"));
    envelope.set_field_by_name("id", Value::U64(id));
    envelope.set_field_by_name("body", Value::Bytes(body.into()));
    envelope
}

fn decode(name: &str, bytes: &[u8]) -> DynamicMessage {
    let message = DynamicMessage::decode(message(name), bytes).unwrap();
    assert_eq!(message.unknown_fields().count(), 0, "{name} has more fields than validator.proto says");
    message
}

fn bytes_of(message: &DynamicMessage, field: &str) -> Vec<u8> {
    message.get_field_by_name(field).unwrap().as_bytes().unwrap().to_vec()
}

async fn running() -> (std::sync::Arc<Fake<fn(Vec<myceline_rpc::Incoming>)>>, Running) {
    let fake = Fake::new(echo as fn(_));
    (fake.clone(), Running::start(fake, Limits::default()).await)
}

#[test]
fn the_service_has_our_calls() {
    let service = pool().get_service_by_name("myceline.v1.Validator").unwrap();
    let calls: Vec<_> = service
        .methods()
        .map(|call| (call.name().to_owned(), call.is_client_streaming(), call.is_server_streaming()))
        .collect();
    assert_eq!(
        calls,
        [("Call".into(), false, false), ("Stream".into(), true, true), ("Subscribe".into(), false, true)]
    );
}

#[tokio::test]
async fn a_stranger_calls() {
    let (_, running) = running().await;
    let mut raw = Raw::connect(running.address).await;
    let asked = envelope(300, ask(5).bytes().to_vec());
    let (messages, status) = raw.call("Call", &grpc_message(&asked.encode_to_vec())).await;
    assert_eq!((messages.len(), status), (1, 0));
    let answered = decode("Envelope", &messages[0]);
    assert_eq!(answered.get_field_by_name("id").unwrap().as_u64(), Some(300));
    assert_eq!(bytes_of(&answered, "body"), encoding::to_bytes(&answer(5)));
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_streams() {
    let (_, running) = running().await;
    let mut raw = Raw::connect(running.address).await;
    let mut frame = DynamicMessage::new(message("Frame"));
    let envelopes = (1..=3).map(|id| Value::Message(envelope(id, ask(id * 1_000).bytes().to_vec()))).collect();
    frame.set_field_by_name("envelopes", Value::List(envelopes));
    let (messages, status) = raw.call("Stream", &grpc_message(&frame.encode_to_vec())).await;
    assert_eq!((messages.len(), status), (1, 0));
    let answered = decode("Frame", &messages[0]);
    let envelopes = answered.get_field_by_name("envelopes").unwrap();
    let answers: Vec<_> = envelopes
        .as_list()
        .unwrap()
        .iter()
        .map(|envelope| {
            let envelope = envelope.as_message().unwrap();
            (envelope.get_field_by_name("id").unwrap().as_u64().unwrap(), bytes_of(envelope, "body"))
        })
        .collect();
    assert_eq!(answers, [1, 2, 3].map(|id| (id, encoding::to_bytes(&answer(id * 1_000)))));
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_follows() {
    let (fake, running) = running().await;
    let mut raw = Raw::connect(running.address).await;
    let asked = envelope(0, encoding::to_bytes(&follow()));
    let mut messages = raw.open("Subscribe", &grpc_message(&asked.encode_to_vec())).await;
    let first = decode("Notices", &messages.next().await.unwrap());
    assert_eq!(first.fields().count(), 0);
    fake.notify(news(4)).unwrap();
    let second = decode("Notices", &messages.next().await.unwrap());
    let notifications = second.get_field_by_name("notifications").unwrap().into_owned();
    assert_eq!(notifications, Value::List(vec![Value::Bytes(encoding::to_bytes(&news(4)).into())]));
    drop(messages);
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_is_refused() {
    let (_, running) = running().await;
    let mut raw = Raw::connect(running.address).await;
    let asked = envelope(0, encoding::to_bytes(&Subscribe { chains: Vec::new(), resume: None }));
    let (messages, status) = raw.call("Subscribe", &grpc_message(&asked.encode_to_vec())).await;
    assert_eq!((messages.len(), status), (1, 0));
    let refusal = bytes_of(&decode("Notices", &messages[0]), "refusal");
    assert_eq!(refusal, encoding::to_bytes(&Refusal::Lagging { next: BlockHeight(7) }));
    assert_ne!(refusal, encoding::to_bytes(&refused(Refusal::Lagging { next: BlockHeight(7) })));
    running.stop().await;
}
