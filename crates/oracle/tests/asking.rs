//! A server on this machine, and what it is asked.

#![allow(clippy::unwrap_used, reason = "tests stop at what must not happen")]

use myceline_execution::web::{Question, Web};
use myceline_oracle::Asker;
use myceline_types::{
    Opaque, WebPolicy,
    guest::{HttpAnswer, HttpMethod, HttpRequest, Projection},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    runtime::Handle,
    sync::{mpsc, oneshot},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};

/// Connections of a test.
const CONNECTIONS: usize = 4;

/// Answers every connection with these bytes, leaves it open, and tells what it was sent.
async fn server(answer: impl Into<String>) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel(CONNECTIONS);
    let answer = answer.into();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut sent = vec![0; 4_096];
            let count = stream.read(&mut sent).await.unwrap();
            let _ = tell.try_send(String::from_utf8(sent[..count].to_vec()).unwrap());
            // Whoever has read enough of the answer has left.
            let _ = stream.write_all(answer.as_bytes()).await;
            open.push(stream);
        }
    });
    (address, told)
}

fn get(url: String) -> HttpRequest {
    let (headers, body) = (Vec::new(), Opaque(Vec::new()));
    HttpRequest { method: HttpMethod::Get, url, headers, body, projection: Projection::default() }
}

fn policy(server: String) -> WebPolicy {
    WebPolicy { servers: vec![server], allows_private: true, timeout_ms: 20_000 }
}

async fn ask(request: HttpRequest, policy: WebPolicy) -> Result<HttpAnswer, String> {
    ask_by(&Asker::new(Handle::current()), request, policy).await
}

async fn ask_by(asker: &Asker, request: HttpRequest, policy: WebPolicy) -> Result<HttpAnswer, String> {
    let (tell, told) = oneshot::channel();
    let question = Question { request, policy, answer_bytes: 100 };
    asker.ask(question, Box::new(|answer| tell.send(answer).unwrap()));
    told.await.unwrap()
}

/// A server with a certificate for `localhost` that nobody trusts but who is given it.
async fn secure_server(answer: &'static str) -> (u16, RootCertStore) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever does not trust the certificate leaves before anything is said.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, roots)
}

#[tokio::test]
async fn a_server_is_asked_and_a_redirect_is_only_an_answer() {
    let (address, mut told) =
        server("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ndate: now\r\ncontent-length: 2\r\n\r\nno").await;
    let mut request = get(format!("http://{address}/a?b=c#d"));
    request.headers = vec![("x-key".into(), "k".into())];
    let answer = ask(request, policy(format!("http://{address}"))).await.unwrap();
    assert_eq!((answer.status, &answer.body.0[..]), (302, &b"no"[..]));
    let names: Vec<&str> = answer.headers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["content-length", "location"]);
    let sent = told.recv().await.unwrap();
    assert!(sent.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains(&format!("host: {address}\r\n")) && sent.contains("x-key: k\r\n"), "{sent}");
}

#[tokio::test]
async fn private_addresses_other_servers_and_headers_of_the_host_are_refused() {
    let (address, _told) = server("HTTP/1.1 200 OK\r\n\r\n").await;
    let named = || policy(format!("http://{address}"));
    let private = WebPolicy { allows_private: false, ..named() };
    let refused = ask(get(format!("http://{address}/")), private).await.unwrap_err();
    assert!(refused.contains("not an address of the public internet"), "{refused}");
    let port = address.port();
    let by_name = WebPolicy { allows_private: false, ..policy(format!("http://localhost:{port}")) };
    let refused = ask(get(format!("http://localhost:{port}/")), by_name).await.unwrap_err();
    assert!(refused.contains("not an address of the public internet"), "{refused}");
    let refused = ask(get("http://127.0.0.1:1/".into()), named()).await.unwrap_err();
    assert_eq!(refused, "the policy does not name this server");
    let mut request = get(format!("http://{address}/"));
    request.headers = vec![("Host".into(), "elsewhere".into())];
    assert_eq!(ask(request, named()).await.unwrap_err(), "header \"Host\" cannot be sent");
}

#[tokio::test]
async fn answers_that_are_too_large_or_never_come_are_none() {
    let (address, _told) = server("HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n").await;
    let waits = WebPolicy { timeout_ms: 50, ..policy(format!("http://{address}")) };
    assert_eq!(ask(get(format!("http://{address}/")), waits).await.unwrap_err(), "it takes too long");
    let body = "x".repeat(2_000_000);
    let (address, _told) = server(format!("HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n{body}")).await;
    let refused = ask(get(format!("http://{address}/")), policy(format!("http://{address}"))).await.unwrap_err();
    assert!(refused.contains("larger than 1048576 bytes"), "{refused}");
}

#[tokio::test]
async fn a_secure_server_is_asked_only_where_its_certificate_is_trusted() {
    let (port, roots) = secure_server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let asker = Asker::trusting(Handle::current(), roots);
    let url = |host: &str| format!("https://{host}:{port}");
    let answer = ask_by(&asker, get(url("localhost")), policy(url("localhost"))).await.unwrap();
    assert_eq!((answer.status, &answer.body.0[..]), (200, &b"ok"[..]));

    let refused = ask_by(&asker, get(url("127.0.0.1")), policy(url("127.0.0.1"))).await.unwrap_err();
    assert!(refused.contains("certificate not valid for name"), "{refused}");
    let refused = ask(get(url("localhost")), policy(url("localhost"))).await.unwrap_err();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
}
