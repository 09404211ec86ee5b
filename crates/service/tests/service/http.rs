//! What a front end does: requests and subscriptions, by hand.

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

/// Somebody who asks.
#[derive(Clone)]
pub struct Asker {
    address: SocketAddr,
    headers: Vec<(&'static str, String)>,
}

impl Asker {
    pub fn new(address: SocketAddr) -> Asker {
        Asker { address, headers: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Asker {
        self.headers.push((name, value.into()));
        self
    }

    /// The data that a query gives; it must not fail.
    pub async fn data(&self, path: &str, query: &str) -> Value {
        let answer = self.ask(path, &json!({ "query": query })).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// The first error that a query gives; it must fail.
    pub async fn error(&self, path: &str, query: &str) -> Value {
        let answer = self.ask(path, &json!({ "query": query })).await;
        assert!(answer["errors"][0].is_object(), "{answer:#}");
        answer["errors"][0].clone()
    }

    pub async fn ask(&self, path: &str, body: &Value) -> Value {
        let (_, answer) = self.send(Method::POST, path, body.to_string()).await;
        serde_json::from_slice(&answer).unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&answer)))
    }

    pub async fn status(&self, method: Method, path: &str) -> StatusCode {
        self.send(method, path, String::new()).await.0
    }

    pub async fn send(&self, method: Method, path: &str, body: String) -> (StatusCode, Vec<u8>) {
        let socket = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !self.headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
        (response.status(), response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }
}

/// A subscription, and what it is told.
pub struct Subscription(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Subscription {
    pub async fn open(address: SocketAddr, query: &str) -> Subscription {
        Subscription::begin(address, json!({}), query).await.unwrap()
    }

    /// `Err` says why the service ended the connection.
    pub async fn begin(address: SocketAddr, payload: Value, query: &str) -> Result<Subscription, String> {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        let mut subscription = Subscription(socket);
        subscription.say(json!({ "type": "connection_init", "payload": payload })).await;
        let answer = subscription.hear().await?;
        assert_eq!(answer["type"], "connection_ack", "{answer}");
        subscription.say(json!({ "id": "1", "type": "subscribe", "payload": { "query": query } })).await;
        Ok(subscription)
    }

    /// The next thing that it is told.
    pub async fn next(&mut self) -> Value {
        let told = self.hear().await.unwrap();
        assert_eq!(told["type"], "next", "{told}");
        told["payload"].clone()
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn hear(&mut self) -> Result<Value, String> {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(why) => return Err(why.map_or_else(String::new, |why| why.reason.to_string())),
                _ => (),
            }
        }
    }
}
