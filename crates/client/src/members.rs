//! The members of the committee as this client knows them: how each is reached, how long it takes, whether it answers.
//!
//! What they say is judged elsewhere.

use crate::clock::{self, Clock};
use myceline_rpc::{CallError, Outgoing, Peer};
use myceline_types::{Committee, Refusal, TimeDelta, Timestamp, api::Response};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

/// How often a member that is too busy is asked before that is its answer.
const BUSY_TRIES: u32 = 5;
/// How long to wait before asking it again; twice as long each time.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Whoever has answered nothing for so long is silent: nobody waits for it (R30).
pub(crate) const SILENCE: TimeDelta = TimeDelta::from_millis(500);
/// An answer's time counts for one part in so many: old times fade.
const MEMORY: u64 = 8;

/// All members, in the committee's order.
pub(crate) struct Members<P> {
    members: Vec<Member<P>>,
    clock: Clock,
}

struct Member<P> {
    peer: P,
    /// Whether its last call failed.
    has_failed: AtomicBool,
    /// Since when it has answered nothing that it was asked, in microseconds since the Unix epoch; zero while nothing is open.
    waiting_since: AtomicU64,
    /// Questions that it has not answered yet.
    open: AtomicU64,
    /// How long its answers take, in microseconds.
    latency_us: AtomicU64,
}

impl<P: Peer> Members<P> {
    pub(crate) fn new(peers: Vec<P>, clock: Clock) -> Members<P> {
        let member = |peer| Member {
            peer,
            has_failed: AtomicBool::new(false),
            waiting_since: AtomicU64::new(0),
            open: AtomicU64::new(0),
            latency_us: AtomicU64::new(0),
        };
        Members { members: peers.into_iter().map(member).collect(), clock }
    }

    /// The places of all members.
    pub(crate) fn places(&self) -> impl Iterator<Item = u8> + use<P> {
        (0..=u8::MAX).take(self.members.len())
    }

    /// The places, best first: those that answer, by the time that they take.
    pub(crate) fn ranked(&self) -> Vec<u8> {
        let (mut places, now) = (self.places().collect::<Vec<u8>>(), self.clock.now());
        places.sort_by_key(|place| {
            let member = &self.members[usize::from(*place)];
            (member.is_silent(now), member.latency_us.load(Ordering::Relaxed))
        });
        places
    }

    /// Those that did not answer lately: nobody waits for them (R30).
    pub(crate) fn silent(&self) -> BTreeSet<u8> {
        let now = self.clock.now();
        self.places().filter(|place| self.members[usize::from(*place)].is_silent(now)).collect()
    }

    /// A member cannot be reached.
    pub(crate) fn note_failure(&self, place: u8) {
        self.members[usize::from(place)].has_failed.store(true, Ordering::Relaxed);
    }

    /// How a member is reached.
    pub(crate) fn peer(&self, place: u8) -> &P {
        &self.members[usize::from(place)].peer
    }

    /// Asks a member, again if it is too busy.
    pub(crate) async fn call(&self, place: u8, request: Outgoing) -> Result<Response, CallError> {
        let member = &self.members[usize::from(place)];
        for attempt in 1..BUSY_TRIES {
            match member.call(request.clone(), &self.clock).await? {
                Response::Refused(refusal) if *refusal == Refusal::Busy => {
                    clock::sleep(BUSY_PAUSE * 2u32.pow(attempt - 1)).await;
                }
                answer => return Ok(answer),
            }
        }
        member.call(request, &self.clock).await
    }

    /// Asks members in the order of their ranks until so many have answered that an honest one is among them. `None` where
    /// too few answer.
    pub(crate) async fn ask_enough<T, F: Future<Output = Option<T>>>(
        &self,
        committee: &Committee,
        ask: impl Fn(u8) -> F,
    ) -> Option<Vec<T>> {
        let (mut answers, mut heard) = (Vec::new(), 0);
        for place in self.ranked() {
            if let Some(answer) = ask(place).await {
                answers.push(answer);
                heard += committee.weight(place);
            }
            if heard > committee.faulty() {
                return Some(answers);
            }
        }
        None
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
    async fn call(&self, request: Outgoing, clock: &Clock) -> Result<Response, CallError> {
        let begun = clock.now();
        let open = Open::begin(self, begun);
        let answer = self.peer.call(request).await;
        drop(open);
        self.has_failed.store(answer.is_err(), Ordering::Relaxed);
        if answer.is_ok() {
            self.note_answer(begun, clock.now());
        }
        answer
    }

    /// Whether it did not answer lately. Being late is not silence: under load everybody is.
    fn is_silent(&self, now: Timestamp) -> bool {
        let since = Timestamp(self.waiting_since.load(Ordering::Relaxed));
        let waits_long = since != Timestamp::ZERO && now.since(since) > SILENCE;
        waits_long || self.has_failed.load(Ordering::Relaxed)
    }

    fn note_answer(&self, begun: Timestamp, now: Timestamp) {
        let is_open = self.open.load(Ordering::Relaxed) > 0;
        self.waiting_since.store(if is_open { now.0 } else { 0 }, Ordering::Relaxed);
        self.note_latency(now.since(begun).0);
    }

    fn note_latency(&self, took_us: u64) {
        let before = self.latency_us.load(Ordering::Relaxed);
        let now = if before == 0 { took_us } else { (before * (MEMORY - 1) + took_us) / MEMORY };
        self.latency_us.store(now, Ordering::Relaxed);
    }
}

/// A question that is open for as long as this lives.
struct Open<'a>(&'a AtomicU64);

impl Open<'_> {
    fn begin<P>(member: &Member<P>, now: Timestamp) -> Open<'_> {
        if member.open.fetch_add(1, Ordering::Relaxed) == 0 {
            member.waiting_since.store(now.0, Ordering::Relaxed);
        }
        Open(&member.open)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
