//! The way from a machine to a validator: messages are late, lost, repeated, and overtake each other. Answers are shown to
//! the audit as they leave.

use crate::{
    describe,
    process::Pulse,
    trace::Actor,
    world::{Fate, Server, World},
};
use myceline_rpc::{CallError, Feed, InMemory, Outgoing, Peer, SubscribeError};
use myceline_types::api::{Request, Response, Subscribe};
use std::{sync::Arc, time::Duration};

/// How long anybody waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(4);

/// A way to one validator, for as long as the process at its beginning lives.
#[derive(Clone)]
pub struct Wire {
    /// The network.
    pub world: Arc<World>,
    /// Who asks.
    pub from: Actor,
    /// Whom: a place of the committee.
    pub to: u8,
    /// Whether the asker lives.
    pub pulse: Pulse,
}

impl Peer for Wire {
    type Notifications = Feed;

    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        let answer = tokio::time::timeout(ANSWER_MAX, self.exchange(request)).await;
        let answer = answer.unwrap_or(Err(CallError::Timeout));
        if self.pulse.beats() { answer } else { Err(CallError::Interrupted) }
    }

    async fn subscribe(&self, subscribe: Subscribe) -> Result<Feed, SubscribeError> {
        self.travel(None).await?;
        match self.world.server(self.to) {
            Some(Server::Honest { gateway, .. }) if self.pulse.beats() => gateway.subscribe(subscribe).await,
            Some(Server::Dishonest(liar)) if self.pulse.beats() => liar.subscribe(subscribe).await,
            _ => Err(CallError::Unreachable("nobody listens".into()).into()),
        }
    }
}

impl Wire {
    async fn exchange(&self, request: Outgoing) -> Result<Response, CallError> {
        self.travel(Some(&request)).await?;
        let answer = arrive(&self.world, self.to, request).await?;
        match self.world.fate(Actor::Validator(self.to), self.from) {
            Fate::Lost(after) => {
                tokio::time::sleep(after).await;
                Err(CallError::Interrupted)
            }
            Fate::Arrives(delay, _) => {
                tokio::time::sleep(delay).await;
                Ok(answer)
            }
        }
    }

    /// Takes a request to its validator, or loses it.
    async fn travel(&self, request: Option<&Outgoing>) -> Result<(), CallError> {
        if !self.pulse.beats() {
            return Err(CallError::Unreachable("this process has ended".into()));
        }
        match self.world.fate(self.from, Actor::Validator(self.to)) {
            Fate::Lost(after) => {
                tokio::time::sleep(after).await;
                Err(CallError::Timeout)
            }
            Fate::Arrives(delay, again) => {
                if let (Some(request), Some(again)) = (request, again) {
                    tokio::spawn(arrive_again(self.world.clone(), self.to, request.clone(), again));
                }
                tokio::time::sleep(delay).await;
                Ok(())
            }
        }
    }
}

async fn arrive_again(world: Arc<World>, to: u8, request: Outgoing, after: Duration) {
    tokio::time::sleep(after).await;
    // Nobody waits for this answer, but the audit hears it.
    let _ = arrive(&world, to, request).await;
}

/// A request arrives at a validator and is answered there.
async fn arrive(world: &World, to: u8, request: Outgoing) -> Result<Response, CallError> {
    let place = Actor::Validator(to);
    let answer = match world.server(to) {
        Some(Server::Honest { gateway, pulse }) => ask(&gateway, &request).await.filter(|_| pulse.beats()),
        Some(Server::Dishonest(liar)) => ask(&liar, &request).await,
        None => None,
    };
    // Validators ask each other for news all the time.
    if !matches!(request.request(), Request::CommitIndex { .. }) {
        let answered = answer.as_ref().map_or("no answer".into(), describe::response);
        world.trace.note(place, format_args!("{}: {answered}", world.request(request.request())));
    }
    answer.as_ref().inspect(|answer| world.audit.leaves(to, request.request(), answer));
    answer.ok_or(CallError::Interrupted)
}

async fn ask<H: myceline_rpc::Handler>(server: &InMemory<H>, request: &Outgoing) -> Option<Response> {
    server.call(request.clone()).await.ok()
}
