//! Requests of commands to servers that speak HTTP: one question, one answer, both of bounded size and time.

use crate::{CliError, Code};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, Uri, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::{error::Error, fmt, net::IpAddr, str::FromStr, time::Duration};
use tokio::net::TcpStream;

/// A genesis with thousands of chains fits well; nothing else that commands ask for is as long.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Where a server is: `http://HOST:PORT/PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Uri);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        let uri: Uri = text.parse().map_err(|_| format!("{text:?} is no address"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(format!("{text:?} does not begin with http://HOST"));
        }
        Ok(Address(uri))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Address {
    fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        self.host() == "localhost" || self.host().parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What comes after host and port.
    pub fn path(&self) -> &str {
        self.0.path()
    }
}

/// Reads what is at an address.
pub async fn get(address: &Address) -> Result<Bytes, CliError> {
    ask(address, Method::GET, Bytes::new()).await
}

/// Asks in JSON.
pub async fn post(address: &Address, json: String) -> Result<Bytes, CliError> {
    ask(address, Method::POST, json.into()).await
}

async fn ask(address: &Address, method: Method, body: Bytes) -> Result<Bytes, CliError> {
    let asked = tokio::time::timeout(ANSWER_TIME, exchange(address, method, body)).await;
    let failed = |error: &dyn Error| {
        CliError::new(Code::Unreachable, format_args!("{address} does not answer as it should")).because(error)
    };
    asked.map_err(|error| failed(&error))?.map_err(|error| failed(&*error))
}

async fn exchange(address: &Address, method: Method, body: Bytes) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    let socket = TcpStream::connect((address.host(), address.0.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    // How it ended is what the request learns.
    tokio::spawn(async move { drop(connection.await) });
    let path = address.0.path_and_query().map_or("/", |path| path.as_str());
    let authority = address.0.authority().map_or("", |authority| authority.as_str());
    let request = Request::builder().method(method).uri(path).header(header::HOST, authority);
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Full::new(body))?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await?.to_bytes())
}
