//! A subscription on the wire, at the validator's end.

use super::{budget::Share, service::Server, wire::Notices};
use crate::Feed;
use futures_core::Stream;
use myceline_types::{Refusal, api::Notification, encoding};
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;

/// The most notifications that leave together.
const NOTICES_MAX: usize = 256;

/// A subscription's places among those that are limited, and the memory of what it asked for.
pub type Held = ([OwnedSemaphorePermit; 2], Share);

/// What a subscriber is sent: notifications as they come, and now and then a sign of life. The first sign comes at once
/// and says that the subscription stands.
pub struct Notifying {
    feed: Feed,
    signs_of_life: Interval,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    _held: Held,
}

impl Notifying {
    pub fn new<H>(feed: Feed, server: &Server<H>, held: Held) -> Notifying {
        let mut signs_of_life = interval(server.limits.keep_alive);
        signs_of_life.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = Box::pin(server.stopping.clone().cancelled_owned());
        Notifying { feed, signs_of_life, stopping, _held: held }
    }
}

impl Stream for Notifying {
    type Item = Result<Notices, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Notices, Status>>> {
        if self.stopping.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(taken) = self.feed.poll_take(context, NOTICES_MAX) {
            return Poll::Ready((!taken.is_empty()).then(|| Ok(Notices::of(&taken))));
        }
        self.signs_of_life.poll_tick(context).map(|_| Some(Ok(Notices::default())))
    }
}

impl Notices {
    fn of(notifications: &[Notification]) -> Notices {
        let notifications = notifications.iter().map(|one| encoding::to_bytes(one).into()).collect();
        Notices { notifications, refusal: None }
    }

    pub fn refused(refusal: &Refusal) -> Notices {
        Notices { notifications: Vec::new(), refusal: Some(encoding::to_bytes(refusal).into()) }
    }
}
