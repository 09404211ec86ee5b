//! `myceline validator query`: what one validator says, about itself and about a chain.

use crate::{
    CliError, Code, Context,
    live::runtime,
    output::{human, style},
};
use myceline_rpc::{GrpcPeer, Outgoing, Peer as _, grpc::PeerSettings};
use myceline_types::{
    ChainId, Genesis, NetworkId,
    api::{Info, Request, Response, SignedInfo},
};
use serde::Serialize;
use std::fmt;

/// Ask one validator what it works for and where a chain stands
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline validator query http://127.0.0.1:9000
  myceline validator query http://127.0.0.1:9000 --chain 29c8121d…")]
pub struct Query {
    /// How it is reached
    #[arg(value_name = "URI")]
    address: String,
    /// A chain, by its whole id
    #[arg(long, value_name = "CHAIN")]
    chain: Option<ChainId>,
}

/// What it says. Its word alone proves nothing.
#[derive(Serialize)]
struct Said {
    name: String,
    network: NetworkId,
    validators: usize,
    chain: Option<Info>,
}

impl Query {
    /// Asks it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let peer = GrpcPeer::new(&self.address, PeerSettings::default())
            .map_err(|error| CliError::telling(Code::Usage, &error))?;
        let said = runtime()?.block_on(async {
            let genesis = genesis(&peer).await?;
            let chain = match self.chain {
                Some(chain) => Some(info(&peer, chain).await?),
                None => None,
            };
            let (network, validators) = (genesis.network(), genesis.committee.validators().len());
            Ok::<_, CliError>(Said { name: genesis.name, network, validators, chain })
        })?;
        context.output.report(&said)
    }
}

async fn genesis(peer: &GrpcPeer) -> Result<Genesis, CliError> {
    match call(peer, Request::Genesis.into()).await? {
        Response::Genesis(genesis) => Ok(*genesis),
        _ => Err(CliError::new(Code::General, "the validator answers something else than what was asked")),
    }
}

async fn info(peer: &GrpcPeer, chain: ChainId) -> Result<Info, CliError> {
    match call(peer, Request::Info { chain, nonce: 0 }.into()).await? {
        Response::Info(signed) => {
            let SignedInfo { info, .. } = *signed;
            Ok(info)
        }
        Response::Refused(refusal) => Err(CliError::telling(Code::NotFound, &*refusal)),
        _ => Err(CliError::new(Code::General, "the validator answers something else than what was asked")),
    }
}

async fn call(peer: &GrpcPeer, request: Outgoing) -> Result<Response, CliError> {
    peer.call(request).await.map_err(|error| {
        CliError::telling(Code::Unreachable, &error).hint("see which validators answer: myceline validator list")
    })
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Works for network {} ({})", style::strong(&self.name), self.network)?;
        write!(f, ", one of {} validators", self.validators)?;
        let Some(info) = &self.chain else { return Ok(()) };
        write!(f, "\nChain {} has {} blocks, and is in round {}", human::short(info.chain), info.next, info.round)?;
        match &info.tip {
            Some(tip) => write!(f, "; the last one is {}", human::short(tip)),
            None => Ok(()),
        }
    }
}
