//! Where a genesis comes from: a file, a validator, or a document that somebody on this machine serves.
//!
//! Whoever controls the genesis controls what a wallet believes, and plain HTTP proves nothing about who answers. So an
//! address must be on this machine; from elsewhere the file is fetched in a way that one trusts.

use super::KIND;
use crate::{CliError, Code, document, live};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use myceline_rpc::{GrpcPeer, Peer as _, grpc::PeerSettings};
use myceline_types::{
    Genesis,
    api::{Request as Call, Response},
};
use std::{error::Error, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};
use tokio::net::TcpStream;

/// A genesis with thousands of chains fits well; more is none.
const GENESIS_BYTES_MAX: usize = 16 << 20;
/// How long an answer from this machine may take.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Where a genesis comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// A validator's address, without a path: its own interface is asked.
    Validator(String),
    /// A document at a path of a server.
    Document(Uri),
}

impl Source {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<Genesis, CliError> {
        match self {
            Source::File(path) => super::read(path),
            Source::Validator(address) => live::runtime()?.block_on(ask(address)),
            Source::Document(uri) => {
                let fetched = live::runtime()?.block_on(async { tokio::time::timeout(ANSWER_TIME, fetch(uri)).await });
                let failed = |error: &dyn Error| {
                    CliError::new(Code::Unreachable, format_args!("cannot fetch {uri}")).because(error)
                };
                let text = fetched.map_err(|error| failed(&error))?.map_err(|error| failed(&*error))?;
                Ok(document::parse(&PathBuf::from(uri.to_string()), &text, KIND)?)
            }
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Source, String> {
        if !text.contains("://") {
            return Ok(Source::File(text.into()));
        }
        let uri: Uri = text.parse().map_err(|_| format!("{text:?} is no address"))?;
        if uri.scheme_str() != Some("http") || !is_here(&uri) {
            return Err("only http:// addresses of this machine are asked: fetch the file in a way that you trust, \
                        and name the file"
                .into());
        }
        match uri.path() {
            "" | "/" => Ok(Source::Validator(text.trim_end_matches('/').into())),
            _ => Ok(Source::Document(uri)),
        }
    }
}

/// Whether an address is on this machine.
fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn ask(address: &str) -> Result<Genesis, CliError> {
    let peer =
        GrpcPeer::new(address, PeerSettings::default()).map_err(|error| CliError::telling(Code::Usage, &error))?;
    match peer.call(Call::Genesis.into()).await {
        Ok(Response::Genesis(genesis)) => Ok(*genesis),
        Ok(_) => Err(CliError::new(Code::General, format_args!("{address} does not answer what it was asked"))),
        Err(error) => Err(CliError::telling(Code::Unreachable, &error)
            .hint("is it a validator's address, such as `net up` prints?")
            .hint("a document needs its path too: http://127.0.0.1:PORT/genesis")),
    }
}

async fn fetch(uri: &Uri) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let socket = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    // How it ended is what the request learns.
    tokio::spawn(async move { drop(connection.await) });
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path).header(HOST, authority).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("the server answers {}", response.status()).into());
    }
    Ok(Limited::new(response.into_body(), GENESIS_BYTES_MAX).collect().await?.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_validators_and_documents_are_told_apart() {
        let read = |text: &str| match text.parse::<Source>() {
            Ok(Source::File(path)) => format!("file {}", path.display()),
            Ok(Source::Validator(address)) => format!("validator {address}"),
            Ok(Source::Document(uri)) => format!("document {uri}"),
            Err(_) => "refused".into(),
        };
        assert_eq!(read("net/genesis.json"), "file net/genesis.json");
        assert_eq!(read("http://127.0.0.1:9100/"), "validator http://127.0.0.1:9100");
        assert_eq!(read("http://[::1]:9100"), "validator http://[::1]:9100");
        assert_eq!(read("http://localhost:9200/genesis"), "document http://localhost:9200/genesis");
        for elsewhere in ["http://example.org/genesis", "https://127.0.0.1/genesis", "ftp://127.0.0.1/", "http:// /"] {
            assert_eq!(read(elsewhere), "refused", "{elsewhere}");
        }
    }
}
