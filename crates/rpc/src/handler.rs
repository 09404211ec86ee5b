//! The validator's side: requests come in batches, answers go out through handles, from any thread and in any order.
//!
//! This is the seam only. What a validator does with a request is elsewhere.

use crate::{feed::Subscriber, grpc::Slot};
use myceline_types::{
    Refusal,
    api::{Request, Response, Subscribe},
    portable::{MaybeSend, MaybeSync},
};
use tokio::sync::oneshot;

/// Whoever answers a validator's requests.
pub trait Handler: MaybeSend + MaybeSync + 'static {
    /// Takes requests that arrived together, so that their signatures can be checked together.
    ///
    /// It runs on the task that reads the connection: hand the requests to whoever works on them and return. The number
    /// of requests that were not answered is bounded for each connection, not over all of them; a handler that has too
    /// many drops their replies, which says so to the askers.
    fn handle(&self, requests: Vec<Incoming>);

    /// Sends `subscriber` everything from now on that `subscribe` asks for, after what it missed since
    /// [`Subscribe::resume`] as far as that is still known, else after a [`Gap`](myceline_types::api::Reason::Gap).
    ///
    /// Keep the subscriber until it is [gone](Subscriber::is_gone); dropping it ends the subscription.
    fn subscribe(&self, subscribe: Subscribe, subscriber: Subscriber) -> Result<(), Refusal>;
}

/// A request and the way back.
#[derive(Debug)]
pub struct Incoming {
    /// What is asked.
    pub request: Request,
    /// Where the answer goes.
    pub reply: Reply,
}

/// The way back to whoever asked. Dropped without an answer it sends [`Refusal::Busy`], so that nobody waits in vain.
#[derive(Debug)]
pub struct Reply(Option<Way>);

/// How an answer travels.
#[derive(Debug)]
enum Way {
    /// By value, to somebody who waits for it alone.
    Alone(oneshot::Sender<Response>),
    /// As one of many in a stream.
    Framed(Slot),
}

impl Reply {
    /// A reply, and where its answer arrives.
    pub fn new() -> (Reply, oneshot::Receiver<Response>) {
        let (sender, receiver) = oneshot::channel();
        (Reply(Some(Way::Alone(sender))), receiver)
    }

    pub(crate) fn framed(slot: Slot) -> Reply {
        Reply(Some(Way::Framed(slot)))
    }

    /// Answers. It never blocks, and an asker who has gone away is no error: nobody can do anything about that.
    ///
    /// The answer is encoded here, on the thread of whoever answers.
    pub fn send(mut self, response: Response) {
        self.deliver(response);
    }

    /// Refuses, which is an answer too.
    pub fn refuse(self, refusal: Refusal) {
        self.send(refused(refusal));
    }

    fn deliver(&mut self, response: Response) {
        match self.0.take() {
            // A closed channel means that the asker is gone.
            Some(Way::Alone(sender)) => drop(sender.send(response)),
            Some(Way::Framed(slot)) => slot.fill(&response),
            None => (),
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.deliver(refused(Refusal::Busy));
        }
    }
}

/// A refusal as an answer.
pub(crate) fn refused(refusal: Refusal) -> Response {
    Response::Refused(Box::new(refusal))
}
