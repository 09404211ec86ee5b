//! How a device of the demo reaches a validator: over gRPC, from near or from far, with an ear for first votes.
//!
//! The distance is the only thing in the demo that is made up: all processes are on one machine, and two devices in
//! different places would reach different validators first.

use myceline_rpc::{CallError, GrpcPeer, Outgoing, Peer, SubscribeError};
use myceline_types::{
    Ballot, BlockHash, ChainId, Round, SignedVote, Slot,
    api::{Response, Subscribe},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How a device reaches one validator.
#[derive(Clone)]
pub(super) struct Link {
    peer: GrpcPeer,
    /// How much longer a request takes than it would from next door.
    delay: Duration,
    votes: FirstVotes,
}

/// Who voted for which block in the first round of a height. Clones share what was heard.
#[derive(Clone, Default)]
pub(super) struct FirstVotes(Arc<Mutex<BTreeMap<Slot, Heard>>>);

/// Blocks by the validators that voted for them, which are counted from 1.
type Heard = BTreeMap<usize, BlockHash>;

impl Link {
    /// A link that is so much longer than one to next door.
    pub(super) fn new(peer: GrpcPeer, delay: Duration, votes: &FirstVotes) -> Link {
        Link { peer, delay, votes: votes.clone() }
    }
}

impl Peer for Link {
    type Notifications = <GrpcPeer as Peer>::Notifications;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let answer = self.peer.call(request).await;
        if let Ok(Response::Vote(vote)) = &answer {
            self.votes.hear(vote);
        }
        answer
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Self::Notifications, SubscribeError> {
        self.peer.subscribe(subscribe).await
    }
}

impl FirstVotes {
    fn hear(&self, SignedVote { vote, signer, .. }: &SignedVote) {
        if let (Round::FAST, Ballot::Validate(block)) = (vote.round, vote.ballot) {
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            heard.entry(vote.slot).or_default().insert(usize::from(*signer) + 1, block);
        }
    }

    /// The validators that voted at the heights of a chain from `from` on, grouped by the block that they voted for.
    pub(super) fn sides(&self, chain: ChainId, from: myceline_types::BlockHeight) -> Vec<Vec<usize>> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = heard.iter().find(|(slot, _)| slot.chain == chain && slot.height == from);
        let mut sides: BTreeMap<BlockHash, Vec<usize>> = BTreeMap::new();
        for (validator, block) in at.into_iter().flat_map(|(_, heard)| heard) {
            sides.entry(*block).or_default().push(*validator);
        }
        let mut sides: Vec<Vec<usize>> = sides.into_values().collect();
        sides.sort();
        sides
    }
}
