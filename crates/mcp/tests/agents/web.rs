//! Agents that come over HTTP, and others who should not.

use crate::kit::{Ground, in_time};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use myceline_mcp::{PATH, Server, router};
use myceline_service::{Access, serve};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// A server that listens.
struct Site {
    address: SocketAddr,
    _end: oneshot::Sender<()>,
}

impl Site {
    async fn open(server: Server, access: Access) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        tokio::spawn(serve(router(server, access), listener, async { drop(ended.await) }));
        Site { address, _end: end }
    }

    async fn send(&self, method: Method, headers: &[(&str, &str)], body: String) -> (StatusCode, Vec<u8>) {
        let socket = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(PATH);
        let address = self.address.to_string();
        let usual = [
            ("host", address.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2025-06-18"),
        ];
        for (name, value) in
            usual.iter().filter(|(name, _)| !headers.iter().any(|(given, _)| given == name)).chain(headers)
        {
            request = request.header(*name, *value);
        }
        let response = in_time(sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap())).await.unwrap();
        (response.status(), response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    /// The answer to a request.
    async fn ask(&self, headers: &[(&str, &str)], method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let (status, answer) = self.send(Method::POST, headers, body).await;
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// How a request that lists tools is answered.
    async fn status(&self, headers: &[(&str, &str)]) -> StatusCode {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
        self.send(Method::POST, headers, body).await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_stands_for_itself() {
    let ground = Ground::new();
    let counter = ground.counter().await;
    let site = Site::open(ground.offers(&[counter], |_| ()), Access::default()).await;
    let me = json!({ "name": "test", "version": "1" });
    let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": me });
    let welcome = site.ask(&[], "initialize", hello).await;
    assert!(welcome["result"]["instructions"].as_str().unwrap().contains("poll ("), "{welcome}");
    let listed = site.ask(&[], "tools/list", json!({})).await;
    assert!(listed["result"]["tools"].as_array().unwrap().iter().any(|tool| tool["name"] == "poll_value"), "{listed}");
    let call = json!({ "name": "poll_increment", "arguments": { "by": 2 } });
    let made = site.ask(&[], "tools/call", call).await;
    assert_eq!(made["result"]["structuredContent"]["result"], 7, "{made}");
    let call = json!({ "name": "poll_increment", "arguments": { "by": i64::MAX } });
    site.ask(&[], "tools/call", call.clone()).await;
    let failed = site.ask(&[], "tools/call", call).await;
    assert_eq!(failed["result"]["structuredContent"]["code"], "application-failed", "{failed}");

    assert_eq!(site.send(Method::GET, &[], String::new()).await.0, 405, "there is nothing to be listened to");
    assert_eq!(site.send(Method::DELETE, &[], String::new()).await.0, 405, "there is no session to be ended");
    assert_eq!(site.send(Method::POST, &[], "x".repeat(2 << 20)).await.0, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_by_a_page_or_a_name_of_somebody_else() {
    let ground = Ground::new();
    let access = Access { token: None, origins: vec!["https://agent.example".into()] };
    let site = Site::open(ground.offers(&[], |_| ()), access).await;
    assert_eq!(site.status(&[]).await, 200);
    assert_eq!(site.status(&[("origin", "https://agent.example")]).await, 200);
    assert_eq!(site.status(&[("origin", "https://evil.example")]).await, 403);
    assert_eq!(site.status(&[("origin", "null")]).await, 403);
    // A page whose own name was made to point to this machine.
    assert_eq!(site.status(&[("host", "evil.example"), ("origin", "http://evil.example")]).await, 403);
    assert_eq!(site.status(&[("host", "evil.example")]).await, 403);
    let asked = site.send(Method::OPTIONS, &[("origin", "https://evil.example")], String::new()).await;
    assert_eq!(asked.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_door_and_another_does_not() {
    let ground = Ground::new();
    let access = Access { token: Some("sixteen letters.".into()), origins: Vec::new() };
    let site = Site::open(ground.offers(&[], |_| ()), access).await;
    assert_eq!(site.status(&[]).await, 401);
    assert_eq!(site.status(&[("authorization", "Bearer sixteen letters?")]).await, 401);
    assert_eq!(site.status(&[("authorization", "Bearer sixteen letters.")]).await, 200);
    // Who has the token may come by any name that leads here.
    assert_eq!(site.status(&[("authorization", "Bearer sixteen letters."), ("host", "node.example")]).await, 200);
    assert_eq!(site.send(Method::DELETE, &[], String::new()).await.0, 401);
}
