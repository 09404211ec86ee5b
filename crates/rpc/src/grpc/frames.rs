//! Coalescing: whatever is ready when the connection can take more leaves as one frame. Nothing waits for company: while
//! a frame is on its way the next one fills by itself.

use super::wire::{Envelope, Frame};
use futures_core::Stream;
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::mpsc;

/// The most envelopes of a frame: enough to share all costs of a frame, few enough to work on together.
pub const FRAME_ENVELOPES_MAX: usize = 1_024;
/// The most bytes of a frame with more than one envelope, so that a large one does not hold up small ones behind it.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Frames of what is in a queue. `T` may hold on to something until it leaves the queue.
pub struct Frames<T> {
    queue: mpsc::Receiver<T>,
    taken: Vec<T>,
    waiting: Vec<Envelope>,
}

/// A queue of at most `capacity`, and the frames that it becomes.
pub fn frames<T>(capacity: usize) -> (mpsc::Sender<T>, Frames<T>) {
    let (sender, queue) = mpsc::channel(capacity);
    (sender, Frames { queue, taken: Vec::new(), waiting: Vec::new() })
}

impl<T: Into<Envelope>> Frames<T> {
    /// Waits until something is there; then takes all of it. Nothing is there only at the end.
    fn poll_take(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.waiting.is_empty() {
            ready!(self.queue.poll_recv_many(context, &mut self.taken, FRAME_ENVELOPES_MAX));
            self.waiting.extend(self.taken.drain(..).map(T::into));
        }
        Poll::Ready(())
    }

    /// As many of those that wait as fit into a frame.
    fn next_frame(&mut self) -> Frame {
        let rest = self.waiting.split_off(count_that_fit(&self.waiting));
        Frame { envelopes: mem::replace(&mut self.waiting, rest) }
    }
}

fn count_that_fit(envelopes: &[Envelope]) -> usize {
    let mut bytes = 0_usize;
    let fits = |envelope: &&Envelope| {
        bytes = bytes.saturating_add(envelope.body.len());
        bytes <= FRAME_BYTES_MAX
    };
    // The first may be larger than a frame should be: then it travels alone.
    envelopes.iter().take_while(fits).count().max(1)
}

impl<T: Into<Envelope> + Unpin> Stream for Frames<T> {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        ready!(self.poll_take(context));
        Poll::Ready((!self.waiting.is_empty()).then(|| self.next_frame()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{pin::pin, task::Waker};

    fn envelope(id: u64, size: usize) -> Envelope {
        Envelope { id, body: vec![0; size].into() }
    }

    /// The ids in the frames that a queue of envelopes of these sizes becomes.
    fn framed(sizes: &[usize]) -> Vec<Vec<u64>> {
        let (queue, mut frames) = frames::<Envelope>(sizes.len());
        for (id, size) in (0..).zip(sizes) {
            queue.try_send(envelope(id, *size)).unwrap();
        }
        let mut context = Context::from_waker(Waker::noop());
        let mut all = Vec::new();
        while let Poll::Ready(Some(frame)) = pin!(&mut frames).poll_next(&mut context) {
            all.push(frame.envelopes.iter().map(|envelope| envelope.id).collect());
        }
        all
    }

    #[test]
    fn what_is_ready_leaves_together() {
        assert_eq!(framed(&[400; 5]), [[0, 1, 2, 3, 4]]);
    }

    #[test]
    fn a_frame_has_bounded_bytes() {
        let half = FRAME_BYTES_MAX / 2;
        assert_eq!(framed(&[half, half, 1, half]), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_large_one_travels_alone() {
        assert_eq!(framed(&[1, FRAME_BYTES_MAX + 1, 1]), [[0], [1], [2]]);
    }

    #[test]
    fn a_frame_has_a_bounded_number() {
        let lengths: Vec<usize> = framed(&[0; 2 * FRAME_ENVELOPES_MAX + 1]).iter().map(Vec::len).collect();
        assert_eq!(lengths, [FRAME_ENVELOPES_MAX, FRAME_ENVELOPES_MAX, 1]);
    }

    #[test]
    fn frames_end_when_nobody_can_add_to_them() {
        let (queue, mut frames) = frames::<Envelope>(1);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(pin!(&mut frames).poll_next(&mut context), Poll::Pending);
        drop(queue);
        assert_eq!(pin!(&mut frames).poll_next(&mut context), Poll::Ready(None));
    }
}
