//! The calls that wait for an answer, by number.

use super::wire::Frame;
use crate::CallError;
use bytes::Bytes;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

type Answer = Result<Bytes, CallError>;

/// Calls of one stream. As long as there is a reader, each of them is answered or told why not.
#[derive(Default)]
pub struct Pending(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    /// Numbers are never used again, so a late answer to a call that was given up finds nobody.
    last: u64,
    answered: bool,
    ended: Option<CallError>,
}

impl Pending {
    /// Another call.
    pub fn wait(pending: &Arc<Pending>) -> Result<Waiting, CallError> {
        let (sender, answer) = oneshot::channel();
        let mut calls = pending.lock();
        if let Some(reason) = &calls.ended {
            return Err(reason.clone());
        }
        calls.last += 1;
        let id = calls.last;
        calls.waiting.insert(id, sender);
        drop(calls);
        Ok(Waiting { id, answer, pending: pending.clone() })
    }

    /// Gives answers to whoever waits for them.
    pub fn answer(&self, frame: Frame) {
        let mut calls = self.lock();
        calls.answered = true;
        for envelope in frame.envelopes {
            if let Some(call) = calls.waiting.remove(&envelope.id) {
                // A closed channel means that the call was given up just now.
                let _ = call.send(Ok(envelope.body));
            }
        }
    }

    /// No more answers will come.
    pub fn end(&self, reason: CallError) {
        let mut calls = self.lock();
        for (_, call) in calls.waiting.drain() {
            let _ = call.send(Err(reason.clone()));
        }
        calls.ended = Some(reason);
    }

    pub fn has_ended(&self) -> bool {
        self.lock().ended.is_some()
    }

    pub fn has_answered(&self) -> bool {
        self.lock().answered
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        // No code that holds the lock panics half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that waits. Dropping it gives it up.
pub struct Waiting {
    id: u64,
    answer: oneshot::Receiver<Answer>,
    pending: Arc<Pending>,
}

impl Waiting {
    pub fn id(&self) -> u64 {
        self.id
    }

    pub async fn answer(mut self) -> Answer {
        // The sender is dropped unused only with the whole table.
        (&mut self.answer).await.unwrap_or(Err(CallError::Interrupted))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.answer.is_terminated() {
            self.pending.lock().waiting.remove(&self.id);
        }
    }
}
