//! The members of the committee as this client knows them: how each is reached, how long it takes, whether it answers.
//!
//! What they say is judged elsewhere.

use crate::clock;
use myceline_rpc::{CallError, Outgoing, Peer};
use myceline_types::{Refusal, api::Response};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

/// How often a member that is too busy is asked before that is its answer.
const BUSY_TRIES: u32 = 5;
/// How long to wait before asking it again; twice as long each time.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// An answer's time counts for one part in so many: old times fade.
const MEMORY: u64 = 8;

/// All members, in the committee's order.
pub(crate) struct Members<P>(Vec<Member<P>>);

struct Member<P> {
    peer: P,
    /// Whether it did not answer lately.
    is_silent: AtomicBool,
    /// How long its answers take, in microseconds.
    latency_us: AtomicU64,
}

impl<P: Peer> Members<P> {
    pub(crate) fn new(peers: Vec<P>) -> Members<P> {
        let member = |peer| Member { peer, is_silent: AtomicBool::new(false), latency_us: AtomicU64::new(0) };
        Members(peers.into_iter().map(member).collect())
    }

    /// The places of all members.
    pub(crate) fn places(&self) -> impl Iterator<Item = u8> + use<P> {
        (0..=u8::MAX).take(self.0.len())
    }

    /// The places, best first: those that answer, by the time that they take.
    pub(crate) fn ranked(&self) -> Vec<u8> {
        let mut places: Vec<u8> = self.places().collect();
        places.sort_by_key(|place| {
            let member = &self.0[usize::from(*place)];
            (member.is_silent.load(Ordering::Relaxed), member.latency_us.load(Ordering::Relaxed))
        });
        places
    }

    /// Those that did not answer lately: nobody waits for them (R30).
    pub(crate) fn silent(&self) -> BTreeSet<u8> {
        self.places().filter(|place| self.0[usize::from(*place)].is_silent.load(Ordering::Relaxed)).collect()
    }

    /// A member did not answer in time.
    pub(crate) fn note_silence(&self, place: u8) {
        self.0[usize::from(place)].is_silent.store(true, Ordering::Relaxed);
    }

    /// How a member is reached.
    pub(crate) fn peer(&self, place: u8) -> &P {
        &self.0[usize::from(place)].peer
    }

    /// Asks a member, again if it is too busy.
    pub(crate) async fn call(&self, place: u8, request: Outgoing) -> Result<Response, CallError> {
        let member = &self.0[usize::from(place)];
        for attempt in 1..BUSY_TRIES {
            match member.call(request.clone()).await? {
                Response::Refused(refusal) if *refusal == Refusal::Busy => {
                    clock::sleep(BUSY_PAUSE * 2u32.pow(attempt - 1)).await;
                }
                answer => return Ok(answer),
            }
        }
        member.call(request).await
    }

    /// Asks members in the order of their ranks until one gives an answer that serves.
    pub(crate) async fn ask_any<T>(
        &self,
        request: impl Into<Outgoing>,
        mut serves: impl FnMut(Response) -> Option<T>,
    ) -> Option<T> {
        let request = request.into();
        for place in self.ranked() {
            if let Ok(answer) = self.call(place, request.clone()).await
                && let Some(found) = serves(answer)
            {
                return Some(found);
            }
        }
        None
    }
}

impl<P: Peer> Member<P> {
    async fn call(&self, request: Outgoing) -> Result<Response, CallError> {
        let begun = clock::now();
        let answer = self.peer.call(request).await;
        self.is_silent.store(answer.is_err(), Ordering::Relaxed);
        if answer.is_ok() {
            self.note_latency(clock::now().since(begun).0);
        }
        answer
    }

    fn note_latency(&self, took_us: u64) {
        let before = self.latency_us.load(Ordering::Relaxed);
        let now = if before == 0 { took_us } else { (before * (MEMORY - 1) + took_us) / MEMORY };
        self.latency_us.store(now, Ordering::Relaxed);
    }
}
