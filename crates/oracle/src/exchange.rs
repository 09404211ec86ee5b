//! One request and its answer, over a connection of its own.

use crate::address::is_public;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, Uri,
    body::Bytes,
    client::conn::http1,
    header::{HOST, HeaderName, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use myceline_execution::web::Question;
use myceline_types::guest::{HttpMethod, HttpRequest};
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

/// Bytes of an answer before the projection; a larger one is none.
const BODY_BYTES_MAX: usize = 1 << 20;
/// Headers of a request.
const HEADERS_MAX: usize = 32;
/// Headers that say how the connection is used: only the host writes them.
const OURS: [&str; 10] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "expect",
    "proxy-connection",
];

/// Why there is no answer. Another time, or elsewhere, there may be one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("the policy does not name this server")]
    Forbidden,
    #[error("the name leads to {0}, which is not an address of the public internet")]
    Private(SocketAddr),
    #[error("the name leads nowhere")]
    Nowhere,
    #[error("header {0:?} cannot be sent")]
    Header(String),
    #[error("a request has at most {HEADERS_MAX} headers")]
    Headers,
    #[error("the request cannot be written: {0}")]
    Malformed(String),
    #[error("it cannot be reached: {0}")]
    Io(#[from] std::io::Error),
    #[error("it does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("its answer cannot be read, or is larger than {BODY_BYTES_MAX} bytes: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("what is kept of the answer has {0} bytes, and at most {1} are allowed")]
    TooLarge(u64, u64),
    #[error("{0}")]
    Projection(String),
    #[error("it takes too long")]
    Late,
}

/// An answer as the server gave it.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A server as the policy names it.
struct Server {
    is_secure: bool,
    host: String,
    port: u16,
}

/// What this machine trusts. Without a certificate that it does no server is secure.
fn native_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        tracing::warn!("this machine trusts no certificates, so no server can be asked by https");
    }
    roots.add_parsable_certificates(found.certs);
    roots
}

/// What makes connections secure.
pub(crate) fn connector(roots: RootCertStore) -> TlsConnector {
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has ciphers for the usual versions");
    let config = versions.with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Asks once. Who waits says for how long.
pub(crate) async fn ask(tls: &OnceLock<TlsConnector>, question: &Question) -> Result<Raw, AskError> {
    let named = question.request.server().filter(|server| question.policy.allows(server));
    let server = named.as_deref().and_then(Server::parse).ok_or(AskError::Forbidden)?;
    let request = write(&question.request, &server)?;
    let stream = connect(&server, question.policy.allows_private).await?;
    if server.is_secure {
        let name = ServerName::try_from(server.name().to_owned()).map_err(|_| AskError::Forbidden)?;
        exchange(tls.get_or_init(|| connector(native_roots())).connect(name, stream).await?, request).await
    } else {
        exchange(stream, request).await
    }
}

impl Server {
    fn parse(server: &str) -> Option<Server> {
        let (scheme, authority) = server.split_once("://")?;
        let (host, port) = authority.rsplit_once(':')?;
        Some(Server { is_secure: scheme == "https", host: host.into(), port: port.parse().ok()? })
    }

    /// The host without the brackets around an address.
    fn name(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }
}

/// Connects to an address of the server, of which all must be public unless the policy says otherwise.
async fn connect(server: &Server, allows_private: bool) -> Result<TcpStream, AskError> {
    let addresses: Vec<SocketAddr> = lookup_host((server.name(), server.port)).await?.collect();
    if let Some(private) = addresses.iter().find(|address| !allows_private && !is_public(address.ip())) {
        return Err(AskError::Private(*private));
    }
    let mut failure = AskError::Nowhere;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

/// The request as it is sent.
fn write(request: &HttpRequest, server: &Server) -> Result<Request<Full<Bytes>>, AskError> {
    let url: Uri = request.url.parse().map_err(|error: hyper::http::uri::InvalidUri| malformed(&error))?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut written = Request::new(Full::new(Bytes::from(request.body.0.clone())));
    *written.method_mut() = method(request.method);
    *written.uri_mut() = path.parse().map_err(|error: hyper::http::uri::InvalidUri| malformed(&error))?;
    let headers = written.headers_mut();
    if request.headers.len() > HEADERS_MAX {
        return Err(AskError::Headers);
    }
    for (name, value) in &request.headers {
        let (name, value) = header(name, value)?;
        headers.append(name, value);
    }
    let host = format!("{}:{}", server.host, server.port);
    headers.insert(HOST, HeaderValue::from_str(&host).map_err(|error| malformed(&error))?);
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("myceline"));
    Ok(written)
}

fn malformed(error: &dyn std::error::Error) -> AskError {
    AskError::Malformed(error.to_string())
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), AskError> {
    let refused = || AskError::Header(name.into());
    let value = HeaderValue::from_str(value).map_err(|_| refused())?;
    let name = HeaderName::try_from(name).map_err(|_| refused())?;
    if OURS.contains(&name.as_str()) { Err(refused()) } else { Ok((name, value)) }
}

fn method(method: HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Head => Method::HEAD,
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Raw, AskError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let asking = async move {
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(AskError::Body)?.to_bytes();
        Ok(Raw { status: head.status.as_u16(), headers: head.headers, body })
    };
    tokio::pin!(asking, connection);
    // The connection has to be driven for as long as the answer is read, and ends with it.
    tokio::select! {
        biased;
        answer = &mut asking => answer,
        ended = &mut connection => {
            ended?;
            asking.await
        }
    }
}
