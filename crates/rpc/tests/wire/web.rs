//! What a browser sends: gRPC-web over HTTP/1.1, byte by byte.

use crate::{
    fixture::{Fake, PATIENCE, Running, answer, ask, echo, follow, news, until},
    raw::{envelope, field, grpc_message},
};
use myceline_rpc::Limits;
use myceline_types::encoding;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The flag of a message that holds trailers.
const TRAILERS: u8 = 0x80;

async fn post(address: SocketAddr, call: &str, body: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /myceline.v1.Validator/{call} HTTP/1.1\r\nhost: validator\r\norigin: http://page.example\r\nconnection: close\r\n\
         content-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    socket
}

/// Head and body of the answer, once it is complete.
async fn read_all(mut socket: TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap().to_lowercase();
    (text, bytes[head..].to_vec())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn a_page_calls() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let body = grpc_message(&envelope(3, ask(5).bytes()));
    let (head, answered) = read_all(post(running.address, "Call", &body).await).await;
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert!(head.contains("content-type: application/grpc-web"), "{head}");
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    assert!(contains(&answered, &grpc_message(&envelope(3, &encoding::to_bytes(&answer(5))))), "{answered:?}");
    let trailers = b"grpc-status:0\r\n";
    let length = u8::try_from(trailers.len()).unwrap();
    assert!(contains(&answered, &[&[TRAILERS, 0, 0, 0, length], &trailers[..]].concat()), "{answered:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_page_follows() {
    let fake = Fake::new(echo);
    let running = Running::start(fake.clone(), Limits::default()).await;
    let body = grpc_message(&envelope(0, &encoding::to_bytes(&follow())));
    let mut socket = post(running.address, "Subscribe", &body).await;
    until("the page is a subscriber", || !fake.subscribers.lock().unwrap().is_empty()).await;
    fake.notify(news(9)).unwrap();
    let expected = grpc_message(&field(1, &encoding::to_bytes(&news(9))));
    let mut arrived = Vec::new();
    while !contains(&arrived, &expected) {
        let count = timeout(PATIENCE, socket.read_buf(&mut arrived)).await.unwrap().unwrap();
        assert_ne!(count, 0, "the answer ended: {arrived:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_browser_asks_before_a_page_calls() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    let asked = "OPTIONS /myceline.v1.Validator/Call HTTP/1.1\r\nhost: validator\r\norigin: http://page.example\r\n\
                 connection: close\r\naccess-control-request-method: POST\r\n\
                 access-control-request-headers: content-type,x-grpc-web\r\n\r\n";
    socket.write_all(asked.as_bytes()).await.unwrap();
    let (head, _) = read_all(socket).await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    for header in ["access-control-allow-origin: *", "access-control-allow-methods: post", "x-grpc-web"] {
        assert!(head.contains(header), "{head}");
    }
    running.stop().await;
}

#[tokio::test]
async fn other_requests_are_turned_away() {
    let running = Running::start(Fake::new(echo), Limits::default()).await;
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: validator\r\nconnection: close\r\n\r\n").await.unwrap();
    let (head, _) = read_all(socket).await;
    assert!(head.starts_with("http/1.1 400"), "{head}");
    running.stop().await;
}
