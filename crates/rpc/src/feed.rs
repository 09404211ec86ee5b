//! A subscription's queue: a validator's threads push notifications in, one reader takes them out. It never grows beyond
//! its bound: a reader that is too slow gets a gap instead of what it missed.

use futures_core::Stream;
use myceline_types::api::{Notification, Reason};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// The most notifications that wait for a reader unless a validator's limits say otherwise: a second of a busy network, in
/// 60 KiB.
pub const NOTIFICATIONS_WAITING_MAX: usize = 512;

/// The writing end, which a [`Handler`](crate::Handler) keeps. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscriber(Arc<Shared>);

/// The reading end: a stream of notifications, which ends when the validator ends the subscription.
#[derive(Debug)]
pub struct Feed(Arc<Shared>);

/// Nobody reads any more: forget this subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subscriber is gone")]
pub struct Gone;

#[derive(Debug)]
struct Shared {
    capacity: usize,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Notification>,
    reader: Option<Waker>,
    /// No more will come.
    ended: bool,
    /// Nobody will read.
    gone: bool,
}

/// A subscription that holds at most `capacity` notifications which were not read yet.
pub fn feed(capacity: usize) -> (Subscriber, Feed) {
    let shared = Arc::new(Shared { capacity, queue: Mutex::default() });
    (Subscriber(shared.clone()), Feed(shared))
}

impl Subscriber {
    /// Tells the subscriber. It never blocks. Where the queue is full, everything in it gives way to one
    /// [`Reason::Gap`], whose sequence number is the last that is missing.
    pub fn notify(&self, notification: Notification) -> Result<(), Gone> {
        let mut queue = self.0.lock();
        if queue.gone {
            return Err(Gone);
        }
        queue.push(notification, self.0.capacity);
        wake(queue);
        Ok(())
    }

    /// Whether nobody reads any more.
    pub fn is_gone(&self) -> bool {
        self.0.lock().gone
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.ended = true;
        wake(queue);
    }
}

impl Feed {
    /// Takes at most `limit` notifications; none at the end.
    pub(crate) fn poll_take(&mut self, context: &mut Context<'_>, limit: usize) -> Poll<Vec<Notification>> {
        let mut queue = self.0.lock();
        if queue.waiting.is_empty() && !queue.ended {
            queue.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let count = limit.min(queue.waiting.len());
        Poll::Ready(queue.waiting.drain(..count).collect())
    }
}

impl Stream for Feed {
    type Item = Notification;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notification>> {
        self.poll_take(context, 1).map(|taken| taken.into_iter().next())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.gone = true;
        queue.waiting = VecDeque::new();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No code that holds the lock panics half way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, notification: Notification, capacity: usize) {
        if self.waiting.len() < capacity {
            self.waiting.push_back(notification);
        } else {
            self.waiting.clear();
            self.waiting.push_back(Notification { sequence: notification.sequence, reason: Reason::Gap });
        }
    }
}

/// Wakes the reader after the lock is released, so that it does not run into it.
fn wake(mut queue: MutexGuard<'_, Queue>) {
    let reader = queue.reader.take();
    drop(queue);
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{BlockHeight, ChainId, Hash, Round};
    use std::pin::pin;

    fn news(sequence: u64) -> Notification {
        let chain = ChainId(Hash::ZERO);
        Notification { sequence, reason: Reason::NewRound { chain, height: BlockHeight(1), round: Round(0) } }
    }

    fn gap(sequence: u64) -> Notification {
        Notification { sequence, reason: Reason::Gap }
    }

    fn read(feed: &mut Feed) -> Poll<Option<Notification>> {
        pin!(feed).poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn notifications_arrive_in_order_and_end_with_the_subscriber() {
        let (subscriber, mut feed) = feed(8);
        assert_eq!(read(&mut feed), Poll::Pending);
        for sequence in 1..=3 {
            subscriber.notify(news(sequence)).unwrap();
        }
        drop(subscriber);
        let read: Vec<_> = (0..4).map(|_| read(&mut feed)).collect();
        assert_eq!(read, [Some(news(1)), Some(news(2)), Some(news(3)), None].map(Poll::Ready));
    }

    #[test]
    fn what_a_slow_reader_misses_becomes_one_gap() {
        let (subscriber, mut feed) = feed(3);
        for sequence in 1..=5 {
            subscriber.notify(news(sequence)).unwrap();
        }
        // 1 to 3 filled the queue, 4 emptied it, 5 came after the gap.
        let read: Vec<_> = (0..3).map(|_| read(&mut feed)).collect();
        assert_eq!(read, [Poll::Ready(Some(gap(4))), Poll::Ready(Some(news(5))), Poll::Pending]);
    }

    #[test]
    fn the_queue_never_outgrows_its_bound() {
        let (subscriber, feed) = feed(3);
        for sequence in 0..10_000 {
            subscriber.notify(news(sequence)).unwrap();
            assert!(feed.0.lock().waiting.len() <= 3);
        }
    }

    #[test]
    fn a_subscriber_learns_that_nobody_reads() {
        let (subscriber, feed) = feed(3);
        assert!(!subscriber.is_gone());
        drop(feed);
        assert_eq!(subscriber.notify(news(1)), Err(Gone));
        assert!(subscriber.is_gone());
    }
}
