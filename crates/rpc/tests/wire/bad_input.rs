//! What strangers may send: every kind of it gets an answer, and whoever sent it keeps the connection.

use crate::{
    fixture::{Fake, Running, answer, ask, echo, refused},
    raw::{Raw, envelope, field, frame, grpc_message},
};
use myceline_rpc::{CallError, Incoming, Limits, Peer, grpc::PeerSettings};
use myceline_types::{
    Refusal,
    api::{Request, Response},
    encoding,
};
use proptest::prelude::*;

const MESSAGE_BYTES: usize = 1_000;

// What gRPC calls them.
const OK: i32 = 0;
const INVALID_ARGUMENT: i32 = 3;
const OUT_OF_RANGE: i32 = 11;
const UNIMPLEMENTED: i32 = 12;
const INTERNAL: i32 = 13;

fn limits() -> Limits {
    Limits { message_bytes: MESSAGE_BYTES, ..Limits::default() }
}

async fn start() -> (Running, Raw) {
    let running = Running::start(Fake::new(echo), limits()).await;
    let raw = Raw::connect(running.address).await;
    (running, raw)
}

/// The answer in the only message of a call.
async fn call(raw: &mut Raw, body: &[u8]) -> Result<Response, i32> {
    match raw.call("Call", &grpc_message(&envelope(0, body))).await {
        (messages, OK) => Ok(body_of(&messages[0])),
        (_, status) => Err(status),
    }
}

/// The body of an envelope with number 0, which Protocol Buffers leave out.
fn body_of(envelope: &[u8]) -> Response {
    assert_eq!(envelope[0], 2 << 3 | 2);
    let length_bytes = envelope[1..].iter().take_while(|byte| **byte >= 0x80).count() + 1;
    encoding::from_bytes(&envelope[1 + length_bytes..]).unwrap()
}

fn is_malformed(answer: &Result<Response, i32>) -> bool {
    matches!(answer, Ok(Response::Refused(refusal)) if matches!(**refusal, Refusal::Malformed(_)))
}

#[tokio::test]
async fn bodies_that_are_no_requests_are_refused() {
    let (running, mut raw) = start().await;
    let whole = ask(5).bytes().to_vec();
    let truncated = &whole[..whole.len() - 1];
    let too_long = [&whole[..], &[0]].concat();
    let unknown_call = [0xee];
    let endless_number = [0xff; 40];
    for body in [&[][..], truncated, &too_long, &unknown_call, &endless_number] {
        let answer = call(&mut raw, body).await;
        assert!(is_malformed(&answer), "{body:?} gives {answer:?}");
    }
    assert_eq!(call(&mut raw, &whole).await, Ok(answer(5)));
    running.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (running, mut raw) = start().await;
    let too_large = Ok(refused(Refusal::TooLarge { limit: MESSAGE_BYTES as u64 }));
    assert_eq!(call(&mut raw, &[0; MESSAGE_BYTES + 1]).await, too_large);
    // Larger than the largest frame: not even read.
    assert_eq!(call(&mut raw, &[0; 4_000_000]).await, Err(OUT_OF_RANGE));
    assert_eq!(call(&mut raw, ask(5).bytes()).await, Ok(answer(5)));
    running.stop().await;
}

#[tokio::test]
async fn what_is_no_envelope_gets_a_status() {
    let (running, mut raw) = start().await;
    let good = grpc_message(&envelope(1, ask(5).bytes()));
    let compressed = [&[1], &good[1..]].concat();
    let wrong_flag = [&[9], &good[1..]].concat();
    let not_protobuf = grpc_message(&[0xff; 30]);
    let wrong_wire_type = grpc_message(&[1 << 3 | 5, 0, 0, 0, 0]);
    let cases: [(&str, &[u8], i32); 7] = [
        ("nothing", &[], INVALID_ARGUMENT),
        ("half a header", &good[..3], INTERNAL),
        ("half a message", &good[..good.len() - 1], INTERNAL),
        ("a compressed message", &compressed, INTERNAL),
        ("a flag that does not exist", &wrong_flag, INTERNAL),
        ("bytes that are no Protocol Buffers", &not_protobuf, INTERNAL),
        ("a fixed number where another kind belongs", &wrong_wire_type, INTERNAL),
    ];
    for call in ["Call", "Stream", "Subscribe"] {
        for (what, body, status) in &cases {
            let expected = if (call, *what) == ("Stream", "nothing") { OK } else { *status };
            assert_eq!(raw.call(call, body).await, (Vec::new(), expected), "{call} with {what}");
        }
    }
    let twice = [&good[..], &good].concat();
    for call in ["Call", "Subscribe"] {
        assert_eq!(raw.call(call, &twice).await, (Vec::new(), INVALID_ARGUMENT));
    }
    assert_eq!(raw.call("Guess", &good).await, (Vec::new(), UNIMPLEMENTED));
    let (_, status) = raw.call("Call", &good).await;
    assert_eq!(status, OK);
    running.stop().await;
}

#[tokio::test]
async fn a_bad_envelope_does_not_harm_its_frame() {
    let (running, mut raw) = start().await;
    let large = vec![0; MESSAGE_BYTES + 1];
    let envelopes = [&b"what?"[..], &large, ask(5).bytes()].map(|body| envelope(0, body));
    let (messages, status) = raw.call("Stream", &grpc_message(&frame(&envelopes))).await;
    assert_eq!(status, OK);
    let answers: Vec<Response> = split(&messages.concat()).iter().map(|envelope| body_of(envelope)).collect();
    assert!(is_malformed(&Ok(answers[0].clone())));
    assert_eq!(answers[1..], [refused(Refusal::TooLarge { limit: MESSAGE_BYTES as u64 }), answer(5)]);
    running.stop().await;
}

/// The envelopes of a frame, all of them shorter than 128 bytes.
fn split(mut frame: &[u8]) -> Vec<Vec<u8>> {
    let mut envelopes = Vec::new();
    while let [tag, length, rest @ ..] = frame {
        assert!(*tag == 1 << 3 | 2 && *length < 128);
        let (envelope, others) = rest.split_at(usize::from(*length));
        envelopes.push(envelope.to_vec());
        frame = others;
    }
    envelopes
}

#[tokio::test]
async fn fields_of_a_later_version_are_passed_over() {
    let (running, mut raw) = start().await;
    let later = [envelope(0, ask(5).bytes()), field(15, b"new")].concat();
    let (messages, status) = raw.call("Call", &grpc_message(&later)).await;
    assert_eq!((body_of(&messages[0]), status), (answer(5), OK));
    running.stop().await;
}

#[tokio::test]
async fn an_answer_that_does_not_fit_becomes_a_refusal() {
    let rule = |requests: Vec<Incoming>| {
        for Incoming { reply, .. } in requests {
            reply.send(Response::Chains(vec![crate::fixture::chain(); 1 + MESSAGE_BYTES / 32]));
        }
    };
    let running = Running::start(Fake::new(rule), limits()).await;
    let too_large = Ok(refused(Refusal::TooLarge { limit: MESSAGE_BYTES as u64 }));
    assert_eq!(running.peer().call(ask(1)).await, too_large);
    assert_eq!(running.peer().call_alone(ask(1)).await, too_large);
    running.stop().await;
}

#[tokio::test]
async fn a_client_does_not_send_what_nobody_takes() {
    let running = Running::start(Fake::new(echo), limits()).await;
    let peer = running.peer_with(PeerSettings { message_bytes: 10, ..PeerSettings::default() });
    let size = ask(1).bytes().len();
    assert_eq!(peer.call(ask(1)).await, Err(CallError::TooLarge { size, limit: 10 }));
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_that_is_no_validator_is_told_from_one() {
    let other = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("http://{}", other.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = other.accept().await {
            tokio::spawn(
                async move { tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400\r\n\r\n").await },
            );
        }
    });
    let peer = myceline_rpc::GrpcPeer::new(&address, PeerSettings::default()).unwrap();
    let error = peer.call(ask(1)).await.unwrap_err();
    assert!(matches!(error, CallError::Interrupted), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever arrives, the next good call on the same connection is answered.
    #[test]
    fn nothing_that_arrives_breaks_a_connection(
        path in prop_oneof![Just("Call"), Just("Stream"), Just("Subscribe")],
        junk in proptest::collection::vec(any::<u8>(), 0..200),
        framed in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (running, mut raw) = start().await;
            let body = if framed { grpc_message(&junk) } else { junk };
            raw.call(path, &body).await;
            assert_eq!(call(&mut raw, &encoding::to_bytes(&Request::Genesis)).await, Ok(refused(Refusal::TooEarly)));
            running.stop().await;
        });
    }
}
