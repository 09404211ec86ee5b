//! Coalescing: whatever is ready when the connection can take more leaves as one frame. Nothing waits by the clock: the
//! queue fills while the frame before is on its way, and whoever is about to ask just now gets one turn to do so.

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

/// Frames of what is in a queue. A `Guard` comes with each envelope and is dropped when its frame has left.
pub struct Frames<Guard> {
    queue: mpsc::Receiver<(Envelope, Guard)>,
    waiting: Vec<(Envelope, Guard)>,
    leaving: Vec<Guard>,
    /// Whether others had their turn since the queue was empty.
    lingered: bool,
}

/// A queue of at most `capacity`, and the frames that it becomes.
pub fn frames<Guard>(capacity: usize) -> (mpsc::Sender<(Envelope, Guard)>, Frames<Guard>) {
    let (sender, queue) = mpsc::channel(capacity);
    (sender, Frames { queue, waiting: Vec::new(), leaving: Vec::new(), lingered: false })
}

impl<Guard> Frames<Guard> {
    /// Waits until something is there; then takes all of it. Nothing is there only at the end.
    fn poll_take(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.waiting.is_empty() {
            ready!(self.poll_linger(context));
            ready!(self.queue.poll_recv_many(context, &mut self.waiting, FRAME_ENVELOPES_MAX));
            self.lingered = false;
        }
        Poll::Ready(())
    }

    /// Lets the tasks that are ready run before the first frame after a pause. This costs less than a frame, of which it
    /// saves many: at eight calls in flight a quarter of all work.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.lingered || self.queue.is_empty() {
            return Poll::Ready(());
        }
        self.lingered = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// As many of those that wait as fit into a frame.
    fn next_frame(&mut self) -> Frame {
        let rest = self.waiting.split_off(count_that_fit(&self.waiting));
        let (envelopes, leaving) = mem::replace(&mut self.waiting, rest).into_iter().unzip();
        self.leaving = leaving;
        Frame { envelopes }
    }
}

fn count_that_fit<Guard>(waiting: &[(Envelope, Guard)]) -> usize {
    let mut bytes = 0_usize;
    let fits = |(envelope, _): &&(Envelope, Guard)| {
        bytes = bytes.saturating_add(envelope.body.len());
        bytes <= FRAME_BYTES_MAX
    };
    // The first may be larger than a frame should be: then it travels alone.
    waiting.iter().take_while(fits).count().max(1)
}

impl<Guard: Unpin> Stream for Frames<Guard> {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        // Who asks for another frame has sent the one before.
        self.leaving.clear();
        ready!(self.poll_take(context));
        Poll::Ready((!self.waiting.is_empty()).then(|| self.next_frame()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Arc, task::Waker};

    fn envelope(id: u64, size: usize) -> Envelope {
        Envelope { id, body: vec![0; size].into() }
    }

    fn poll<Guard: Unpin>(frames: &mut Frames<Guard>) -> Poll<Option<Frame>> {
        let mut context = Context::from_waker(Waker::noop());
        // Twice, since it lingers once.
        match Pin::new(&mut *frames).poll_next(&mut context) {
            Poll::Pending => Pin::new(frames).poll_next(&mut context),
            ready => ready,
        }
    }

    /// The ids in the frames that a queue of envelopes of these sizes becomes.
    fn framed(sizes: &[usize]) -> Vec<Vec<u64>> {
        let (queue, mut frames) = frames(sizes.len());
        for (id, size) in (0..).zip(sizes) {
            queue.try_send((envelope(id, *size), ())).unwrap();
        }
        let mut all = Vec::new();
        while let Poll::Ready(Some(frame)) = poll(&mut frames) {
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
    fn others_get_one_turn_to_join() {
        let (queue, mut frames) = frames(2);
        let mut context = Context::from_waker(Waker::noop());
        queue.try_send((envelope(1, 1), ())).unwrap();
        assert_eq!(Pin::new(&mut frames).poll_next(&mut context), Poll::Pending);
        queue.try_send((envelope(2, 1), ())).unwrap();
        let frame = Frame { envelopes: vec![envelope(1, 1), envelope(2, 1)] };
        assert_eq!(Pin::new(&mut frames).poll_next(&mut context), Poll::Ready(Some(frame)));
    }

    #[test]
    fn a_guard_is_held_until_its_frame_has_left() {
        let (queue, mut frames) = frames(1);
        let guard = Arc::new(());
        queue.try_send((envelope(1, 1), guard.clone())).unwrap();
        assert!(matches!(poll(&mut frames), Poll::Ready(Some(_))));
        assert_eq!(Arc::strong_count(&guard), 2);
        assert_eq!(poll(&mut frames), Poll::Pending);
        assert_eq!(Arc::strong_count(&guard), 1);
    }

    #[test]
    fn frames_end_when_nobody_can_add_to_them() {
        let (queue, mut frames) = frames::<()>(1);
        assert_eq!(poll(&mut frames), Poll::Pending);
        drop(queue);
        assert_eq!(poll(&mut frames), Poll::Ready(None));
    }
}
