//! gRPC without our code: bytes in HTTP/2 bodies.

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{collections::VecDeque, net::SocketAddr};
use tokio::net::TcpStream;

/// A message as gRPC frames it, not compressed.
pub fn grpc_message(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], &length.to_be_bytes()[..], message].concat()
}

/// A field of bytes, or a message in a message, as Protocol Buffers write it.
pub fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// An envelope as Protocol Buffers write it.
pub fn envelope(id: u64, body: &[u8]) -> Vec<u8> {
    [vec![1 << 3], varint(id), field(2, body)].concat()
}

/// A frame of such envelopes.
pub fn frame(envelopes: &[Vec<u8>]) -> Vec<u8> {
    envelopes.iter().flat_map(|envelope| field(1, envelope)).collect()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A connection.
pub struct Raw(SendRequest<Full<Bytes>>);

/// An answer that may go on.
pub struct Messages {
    body: Incoming,
    buffer: VecDeque<u8>,
    status: Option<i32>,
}

impl Raw {
    pub async fn connect(address: SocketAddr) -> Raw {
        let socket = TcpStream::connect(address).await.unwrap();
        let (sender, talk) = handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
        tokio::spawn(async move { drop(talk.await) });
        Raw(sender)
    }

    /// All messages of the answer to a body, and the gRPC status.
    pub async fn call(&mut self, name: &str, body: &[u8]) -> (Vec<Vec<u8>>, i32) {
        let mut messages = self.open(name, body).await;
        let mut all = Vec::new();
        while let Some(message) = messages.next().await {
            all.push(message);
        }
        (all, messages.status.expect("an answer ends with a status"))
    }

    pub async fn open(&mut self, name: &str, body: &[u8]) -> Messages {
        let request = Request::post(format!("http://validator/myceline.v1.Validator/{name}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::from(body.to_vec()))
            .unwrap();
        let response = self.0.send_request(request).await.unwrap();
        let status = response.headers().get("grpc-status").map(|status| status.to_str().unwrap().parse().unwrap());
        Messages { body: response.into_body(), buffer: VecDeque::new(), status }
    }
}

impl Messages {
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(message) = self.whole_message() {
                return Some(message);
            }
            let frame = self.body.frame().await?.unwrap();
            match frame.into_data() {
                Ok(data) => self.buffer.extend(data),
                Err(frame) => {
                    let trailers = frame.into_trailers().unwrap();
                    self.status = Some(trailers["grpc-status"].to_str().unwrap().parse().unwrap());
                }
            }
        }
    }

    fn whole_message(&mut self) -> Option<Vec<u8>> {
        let buffer = self.buffer.make_contiguous();
        let (header, rest) = buffer.split_first_chunk::<5>()?;
        let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
        let message = rest.get(..length)?.to_vec();
        self.buffer.drain(..5 + length);
        Some(message)
    }
}
