//! Where a genesis comes from: a file, a validator, or a document that somebody on this machine serves.
//!
//! Whoever controls the genesis controls what a wallet believes, and plain HTTP proves nothing about who answers. So an
//! address must be on this machine; from elsewhere the file is fetched in a way that one trusts.

use super::KIND;
use crate::{
    CliError, Code, document,
    http::{self, Address},
    live,
};
use myceline_rpc::{GrpcPeer, Peer as _, grpc::PeerSettings};
use myceline_types::{
    Genesis,
    api::{Request as Call, Response},
};
use std::{path::PathBuf, str::FromStr};

/// Where a genesis comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// A validator's address, without a path: its own interface is asked.
    Validator(String),
    /// A document at a path of a server.
    Document(Address),
}

impl Source {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<Genesis, CliError> {
        match self {
            Source::File(path) => super::read(path),
            Source::Validator(address) => live::runtime()?.block_on(ask(address)),
            Source::Document(address) => {
                let text = live::runtime()?.block_on(http::get(address))?;
                Ok(document::parse(&PathBuf::from(address.to_string()), &text, KIND)?)
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
        let address: Address = text.parse()?;
        if !address.is_here() {
            return Err("only http:// addresses of this machine are asked: fetch the file in a way that you trust, \
                        and name the file"
                .into());
        }
        match address.path() {
            "" | "/" => Ok(Source::Validator(text.trim_end_matches('/').into())),
            _ => Ok(Source::Document(address)),
        }
    }
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
