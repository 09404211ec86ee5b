//! The place that a request of a stream keeps for its answer, and the stream of answers.

use super::{
    frames::{Frames, frames},
    wire::{Envelope, Frame},
};
use crate::handler::refused;
use futures_core::Stream;
use myceline_types::{Refusal, api::Response, encoding};
use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tonic::Status;

/// Where an answer goes, and the right to be in flight.
#[derive(Debug)]
pub struct Slot {
    pub id: u64,
    pub answers: mpsc::Sender<Answer>,
    pub permit: OwnedSemaphorePermit,
    /// The most bytes of an answer.
    pub bytes_max: usize,
}

/// An answer that waits for its frame. Its request counts as in flight until then, so that an asker who does not read
/// answers cannot have more of them stored than it may have requests in flight.
#[derive(Debug)]
pub struct Answer {
    envelope: Envelope,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    pub fn fill(self, response: &Response) {
        let envelope = Envelope { id: self.id, body: encode(response, self.bytes_max).into() };
        // The queue has as many places as there are permits, so it is never full; closed, it means that the asker is gone.
        let _ = self.answers.try_send(Answer { envelope, _permit: self.permit });
    }
}

impl From<Answer> for Envelope {
    fn from(answer: Answer) -> Envelope {
        answer.envelope
    }
}

/// The answer's bytes. One that does not fit into a message becomes a refusal: ask for less.
pub fn encode(response: &Response, bytes_max: usize) -> Vec<u8> {
    let bytes = encoding::to_bytes(response);
    if bytes.len() <= bytes_max {
        bytes
    } else {
        encoding::to_bytes(&refused(Refusal::TooLarge { limit: bytes_max as u64 }))
    }
}

/// Frames of answers, until none is owed.
pub struct Answers {
    frames: Frames<Answer>,
    ending: Ending,
}

/// Why a stream of answers ends, if not because the client is done.
pub type Ending = Arc<OnceLock<Status>>;

impl Answers {
    /// The queue that answers go into, what to say at the end, and the frames.
    pub fn new(capacity: usize) -> (mpsc::Sender<Answer>, Ending, Answers) {
        let (sender, frames) = frames(capacity);
        let ending = Ending::default();
        (sender, ending.clone(), Answers { frames, ending })
    }
}

impl Stream for Answers {
    type Item = Result<Frame, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame, Status>>> {
        match ready!(Pin::new(&mut self.frames).poll_next(context)) {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => Poll::Ready(self.ending.get().cloned().map(Err)),
        }
    }
}
