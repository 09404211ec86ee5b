//! The wire to a validator, with somebody who writes down all that it says.

use myceline_rpc::{CallError, GrpcPeer, Outgoing, Peer, SubscribeError};
use myceline_storage_crash::promises::Promises;
use myceline_types::{
    Committee,
    api::{Response, Subscribe},
};
use std::sync::{Arc, Mutex};

/// A validator at the other end of a wire. Clones write into the same book.
#[derive(Clone)]
pub struct Witness {
    peer: GrpcPeer,
    committee: Arc<Committee>,
    promises: Arc<Mutex<Promises>>,
}

impl Witness {
    pub fn new(peer: GrpcPeer, committee: Arc<Committee>) -> Witness {
        Witness { peer, committee, promises: Arc::default() }
    }

    /// What the validator has said until now.
    pub fn promises(&self) -> Promises {
        self.promises.lock().unwrap().clone()
    }
}

impl Peer for Witness {
    type Notifications = <GrpcPeer as Peer>::Notifications;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        let answer = self.peer.call(request.clone()).await?;
        self.promises.lock().unwrap().note(&self.committee, request.request(), &answer).unwrap();
        Ok(answer)
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Self::Notifications, SubscribeError> {
        self.peer.subscribe(subscribe).await
    }
}
