//! The load: owners pay each other across chains, two devices of one owner race, and one of the other validators is away
//! now and then, so that all kinds of votes are given.

use super::line::Line;
use crate::kit::{self, owner_secret};
use futures_util::future;
use myceline_client::{Client, MemorySigner, Options, RequestId, SubmitError};
use myceline_node::{Network, layout};
use myceline_rpc::{CallError, Feed, InMemory, Outgoing, Peer, SubscribeError};
use myceline_storage::{Embedded, Memory, embedded};
use myceline_storage_crash::runs::TUNING;
use myceline_types::{
    ChainId, TimeDelta,
    api::{Response, Subscribe},
};
use myceline_validator::Gateway;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Chains with an owner each.
pub const CHAINS: u8 = 8;
/// Payments on each chain.
const PAYMENTS: u8 = 24;
/// Payments on the first chain by a second device of its owner.
const RIVAL_PAYMENTS: u8 = 8;
/// Blocks that the load makes at least.
pub const BLOCKS: usize = CHAINS as usize * PAYMENTS as usize + RIVAL_PAYMENTS as usize;
/// An owner takes in what was sent after so many payments.
const RECEIVE_EVERY: u8 = 6;
/// The last validator is away for every other so many calls.
const AWAY_CALLS: u64 = 150;

/// With one validator away and another one busy with a race, there may be no quorum for a moment.
const TRIES_MAX: usize = 10;

/// A way to a validator in this process.
#[derive(Clone)]
enum Wire {
    /// To the one whose store is cut: everything is said.
    Recorded(InMemory<Gateway<Embedded>>, Arc<AtomicU64>),
    Plain(InMemory<Gateway<Memory>>),
    /// To one that is away now and then.
    Loose(InMemory<Gateway<Memory>>, Arc<AtomicU64>),
}

impl Peer for Wire {
    type Notifications = Feed;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        match self {
            Wire::Plain(peer) => peer.call(request).await,
            Wire::Loose(_, calls) if (calls.fetch_add(1, Ordering::Relaxed) / AWAY_CALLS) % 2 == 1 => {
                Err(CallError::Unreachable("away".into()))
            }
            Wire::Loose(peer, _) => peer.call(request).await,
            Wire::Recorded(peer, calls) => {
                let number = calls.fetch_add(1, Ordering::Relaxed);
                Line::Asked(number, request.request().clone()).say();
                let answer = peer.call(request).await?;
                Line::Answered(number, answer.clone()).say();
                Ok(answer)
            }
        }
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Feed, SubscribeError> {
        match self {
            Wire::Recorded(peer, _) => peer.subscribe(subscribe).await,
            Wire::Plain(peer) | Wire::Loose(peer, _) => peer.subscribe(subscribe).await,
        }
    }
}

/// The options of the store that is cut.
pub fn options(network: &Network) -> embedded::Options {
    embedded::Options { tuning: TUNING, ..embedded::Options::new(network.id().0, &layout::APPENDED) }
}

/// Runs the load with the recorded validator's store in `folder`.
pub fn run(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(make_blocks(folder));
}

async fn make_blocks(folder: &Path) {
    let network = kit::network(CHAINS);
    let recorded = kit::validator(&network, 0, Embedded::open(folder, &options(&network)).unwrap());
    let others: Vec<_> = (1..kit::VALIDATORS).map(|place| kit::validator(&network, place, Memory::new())).collect();
    let mut wires = vec![Wire::Recorded(InMemory::new(Arc::new(recorded.gateway())), Arc::default())];
    wires.extend(others.iter().map(|other| Wire::Plain(InMemory::new(Arc::new(other.gateway())))));
    if let Some(Wire::Plain(peer)) = wires.pop() {
        wires.push(Wire::Loose(peer, Arc::default()));
    }
    let owners = (0..CHAINS).map(|chain| pay(&network, &wires, chain, 0, PAYMENTS));
    let rival = pay(&network, &wires, 0, PAYMENTS, RIVAL_PAYMENTS);
    future::join(future::join_all(owners), rival).await;
}

/// A device of an owner pays so many times, under request numbers from `first` on.
async fn pay(network: &Arc<Network>, wires: &[Wire], chain: u8, first: u8, payments: u8) {
    let signer: MemorySigner = [owner_secret(chain)].into_iter().collect();
    let options = Options { patience: TimeDelta::from_millis(20_000), ..Options::default() };
    let client = Client::open(network.clone(), Memory::new(), wires.to_vec(), signer, options).unwrap();
    let chains = kit::chains(network);
    let own = chains[usize::from(chain)];
    for number in first..first + payments {
        let to: ChainId = chains[usize::from((chain + 1 + number) % CHAINS)];
        done(async || {
            let request = RequestId([number; 16]);
            client.submit(own, request, vec![kit::transfer(to, 1)], Vec::new()).await?.finality().await.map(drop)
        })
        .await;
        if number % RECEIVE_EVERY == RECEIVE_EVERY - 1 {
            done(async || client.receive(own).await.map(drop)).await;
        }
    }
}

/// Does something, again where too few validators answered in time: it is done once.
async fn done(mut act: impl AsyncFnMut() -> Result<(), SubmitError>) {
    for _ in 1..TRIES_MAX {
        match act().await {
            Err(SubmitError::NoQuorum { .. } | SubmitError::OutOfTime) => (),
            done => return done.unwrap(),
        }
    }
    act().await.unwrap();
}
