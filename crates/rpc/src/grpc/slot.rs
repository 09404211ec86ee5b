//! The place that a request of a stream keeps for its answer, and the stream of answers.

use super::{
    budget::Share,
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

/// Where an answer goes.
#[derive(Debug)]
pub struct Slot {
    pub id: u64,
    pub answers: mpsc::Sender<(Envelope, Held)>,
    pub held: Held,
    /// The most bytes of an answer.
    pub bytes_max: usize,
}

/// What a request holds from when it is read until its answer has left. So an asker who does not read answers cannot have
/// more of them stored than it may have requests in flight.
#[derive(Debug)]
pub struct Held {
    /// The right to be in flight.
    pub _permit: OwnedSemaphorePermit,
    /// Its memory, and then its answer's.
    pub share: Share,
}

impl Slot {
    pub fn fill(self, response: &Response) {
        let body = encode(response, self.bytes_max, &self.held.share).into();
        // The queue has as many places as there are permits, so it is never full; closed, it means that the asker is gone.
        let _ = self.answers.try_send((Envelope { id: self.id, body }, self.held));
    }
}

/// The answer's bytes, or a refusal where there is no room for them: in a message, or in what the request's share of
/// the memory can become.
pub fn encode(response: &Response, bytes_max: usize, share: &Share) -> Vec<u8> {
    let bytes = encoding::to_bytes(response);
    if bytes.len() > bytes_max {
        return encoding::to_bytes(&refused(Refusal::TooLarge { limit: bytes_max as u64 }));
    }
    match share.replace(bytes.len()) {
        Ok(()) => bytes,
        Err(_) => encoding::to_bytes(&refused(Refusal::Busy)),
    }
}

/// Frames of answers, until none is owed.
pub struct Answers {
    frames: Frames<Held>,
    ending: Ending,
}

/// Why a stream of answers ends, if not because the client is done.
pub type Ending = Arc<OnceLock<Status>>;

impl Answers {
    /// The queue that answers go into, what to say at the end, and the frames.
    pub fn new(capacity: usize) -> (mpsc::Sender<(Envelope, Held)>, Ending, Answers) {
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
