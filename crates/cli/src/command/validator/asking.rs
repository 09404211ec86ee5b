//! Asking one validator whether it is there, and for which network.

use crate::output::{human, style};
use myceline_rpc::{CallError, Peer};
use myceline_types::{
    NetworkId,
    api::{Request, Response},
};
use serde::Serialize;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// How a validator answered.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum Asked {
    /// It works for this network.
    Answers {
        /// Milliseconds for one call, a new connection included.
        latency_ms: f64,
    },
    /// It works for another network.
    OtherNetwork {
        /// Which one.
        network: NetworkId,
    },
    /// It does not answer.
    Silent {
        /// Why not.
        why: String,
    },
}

/// Asks a validator of `network`.
pub(super) async fn ask(peer: &impl Peer, network: NetworkId) -> Asked {
    let began = Instant::now();
    match peer.call(Request::Genesis.into()).await {
        Ok(Response::Genesis(genesis)) if genesis.network() == network => {
            Asked::Answers { latency_ms: began.elapsed().as_secs_f64() * 1_000.0 }
        }
        Ok(Response::Genesis(genesis)) => Asked::OtherNetwork { network: genesis.network() },
        Ok(_) => Asked::Silent { why: "it answers something else".into() },
        Err(why) => Asked::silent(&why),
    }
}

impl Asked {
    fn silent(why: &CallError) -> Asked {
        Asked::Silent { why: why.to_string() }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Answers { latency_ms } => {
                let took = human::duration(Duration::from_secs_f64(latency_ms / 1_000.0));
                write!(f, "{} {took}", style::good("yes"))
            }
            Asked::OtherNetwork { network } => {
                write!(f, "{} for network {}", style::bad("no"), human::short(network))
            }
            Asked::Silent { why } => write!(f, "{} {why}", style::bad("no")),
        }
    }
}
