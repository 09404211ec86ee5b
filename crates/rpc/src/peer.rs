//! The client's side: ask a validator, or follow what happens there. Whom to ask, how often and what to believe is
//! decided elsewhere.

use bytes::Bytes;
use futures_core::Stream;
use myceline_types::{
    Refusal,
    api::{Notification, Request, Response, Subscribe},
    encoding,
    portable::{MaybeSend, MaybeSync},
};
use std::{
    fmt,
    future::Future,
    sync::{Arc, OnceLock},
};

/// A validator as its clients see it. A value of this type is a handle: clones share the connection.
pub trait Peer: Clone + MaybeSend + MaybeSync + 'static {
    /// What a subscription brings. It ends when the connection does: subscribe again, with
    /// [`Subscribe::resume`] set to the last sequence number.
    type Notifications: Stream<Item = Notification> + Unpin + MaybeSend + 'static;

    /// Asks. A refusal is an answer; an error means that there was none. Every request may be repeated.
    fn call(&self, request: Outgoing) -> impl Future<Output = Result<Response, CallError>> + MaybeSend;

    /// Follows what happens. It returns when the validator has accepted.
    fn subscribe(
        &self,
        subscribe: Subscribe,
    ) -> impl Future<Output = Result<Self::Notifications, SubscribeError>> + MaybeSend;
}

/// A request that is encoded at most once, however many validators it goes to. Clones share it.
#[derive(Clone)]
pub struct Outgoing(Arc<Encoded>);

struct Encoded {
    request: Request,
    bytes: OnceLock<Bytes>,
}

impl Outgoing {
    /// What is asked.
    pub fn request(&self) -> &Request {
        &self.0.request
    }

    /// Its canonical bytes.
    pub fn bytes(&self) -> &Bytes {
        self.0.bytes.get_or_init(|| encoding::to_bytes(&self.0.request).into())
    }
}

impl From<Request> for Outgoing {
    fn from(request: Request) -> Outgoing {
        Outgoing(Arc::new(Encoded { request, bytes: OnceLock::new() }))
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Outgoing").field(self.request()).finish()
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CallError {
    /// There is no connection, and the last attempt failed so recently that none is made now: ask another validator.
    #[error("the validator cannot be reached: {0}")]
    Unreachable(String),
    /// The connection ended before the answer came. The request may have been carried out: ask again.
    #[error("the connection to the validator ended before it answered")]
    Interrupted,
    /// No answer came in time. The request may have been carried out: ask again, or another validator.
    #[error("the validator did not answer in time")]
    Timeout,
    /// The request was not sent: no validator would take it.
    #[error("the request has {size} bytes, more than the {limit} that fit into a message")]
    TooLarge {
        /// Bytes of the request.
        size: usize,
        /// At most so many.
        limit: usize,
    },
    /// What answered does not offer this call: look at the address.
    #[error("the other end does not take the call: {0}")]
    Refused(String),
    /// The answer is not one: the validator is faulty, or speaks another version of the protocol.
    #[error("the validator's answer is malformed: {0}")]
    Malformed(String),
}

/// Why there is no subscription.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The validator says no.
    #[error("the validator refuses: {0}")]
    Refused(Refusal),
    /// The validator did not say anything.
    #[error(transparent)]
    Call(#[from] CallError),
}
