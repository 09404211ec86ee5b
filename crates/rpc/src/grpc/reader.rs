//! The validator's end of a stream: reads frames and hands their requests over. It reads no further while too many are
//! in flight, so that HTTP/2 holds the client back.

use super::{
    frames::FRAME_ENVELOPES_MAX,
    service::Connection,
    slot::{Ending, Held, Slot},
    wire::{Envelope, Frame},
};
use crate::{Handler, Incoming, Reply};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tonic::codec::Streaming;

/// Reads one stream to its end. Answers go on after that, until none is owed.
pub struct Reader<H> {
    pub connection: Arc<Connection<H>>,
    pub requests: Streaming<Frame>,
    pub answers: mpsc::Sender<(Envelope, Held)>,
    pub ending: Ending,
}

impl<H: Handler> Reader<H> {
    pub async fn run(mut self) {
        while let Some(frame) = self.next_frame().await {
            self.hand_over(frame).await;
        }
    }

    /// None when the client is done, the stream is broken or the server shuts down.
    async fn next_frame(&mut self) -> Option<Frame> {
        let read = tokio::select! {
            biased;
            () = self.connection.server.stopping.cancelled() => return None,
            read = self.requests.message() => read,
        };
        read.unwrap_or_else(|status| {
            // Only the first can be set, and there is only one: reading ends here.
            let _ = self.ending.set(status);
            None
        })
    }

    /// Hands over all requests of a frame, in as few parts as may be in flight.
    async fn hand_over(&self, frame: Frame) {
        let part_max = self.connection.server.limits.in_flight.min(FRAME_ENVELOPES_MAX);
        let mut rest = frame.envelopes.into_iter();
        loop {
            let part: Vec<Envelope> = rest.by_ref().take(part_max).collect();
            let Some(permits) = self.permits(part.len()).await else { return };
            let requests = self.open(part, permits);
            if !requests.is_empty() {
                self.connection.server.handler.handle(requests);
            }
        }
    }

    /// Waits until `count` more requests may be in flight. None for none.
    async fn permits(&self, count: usize) -> Option<OwnedSemaphorePermit> {
        let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
        self.connection.in_flight.clone().acquire_many_owned(count).await.ok()
    }

    /// Decodes requests; what is none is answered at once.
    fn open(&self, part: Vec<Envelope>, mut permits: OwnedSemaphorePermit) -> Vec<Incoming> {
        part.into_iter().filter_map(|envelope| self.open_one(envelope, permits.split(1)?)).collect()
    }

    fn open_one(&self, Envelope { id, body }: Envelope, permit: OwnedSemaphorePermit) -> Option<Incoming> {
        let (share, request) = self.connection.admit(&body);
        let held = Held { _permit: permit, share };
        let bytes_max = self.connection.server.limits.message_bytes;
        let reply = Reply::framed(Slot { id, answers: self.answers.clone(), held, bytes_max });
        match request {
            Ok(request) => Some(Incoming { request, reply }),
            Err(refusal) => {
                reply.refuse(refusal);
                None
            }
        }
    }
}
