//! Carries out a [`Settlement`]: asks validators, signs, writes, executes and keeps time. All calls of a settlement run in
//! one task.

use crate::{
    clock::{self, Boxed},
    core::Core,
    facts::FACTS_MAX,
    local::LocalError,
    signer::{SignError, Signer},
};
use futures_util::{StreamExt, future, stream::FuturesUnordered};
use myceline_node::{
    Network,
    rows::{PendingRow, RequestId, RequestRow},
};
use myceline_rpc::{CallError, Outgoing, Peer};
use myceline_sessions::{
    Setting, Settlement, Statement, Terms,
    settle::{Effect, Ending, Event, Own},
};
use myceline_storage::Store;
use myceline_types::{
    Blob, BlockHash, Body, Certificate, Owner, Ownership, Proposal, Refusal, Slot, TimeDelta, Timestamp, api::Response,
};
use std::{collections::VecDeque, sync::Arc};

/// Fuel that a validator burns in a millisecond at the very least: a twentieth of what one does that has a core to itself,
/// since a long contract gives way to everything else. A client waits for so much longer as its block has burnt.
const SLOWEST_FUEL_PER_MS: u64 = 200_000;

/// The facts of a height, copied from the chain.
#[derive(Clone, Debug)]
pub(crate) struct Height {
    pub(crate) slot: Slot,
    pub(crate) previous: Option<BlockHash>,
    pub(crate) ownership: Ownership,
}

/// What is to be settled.
pub(crate) struct Task {
    pub(crate) height: Height,
    pub(crate) me: Owner,
    pub(crate) own: Own,
    /// What the own block carries out.
    pub(crate) request: Option<RequestId>,
    /// Makes the block before it final.
    pub(crate) parent: Option<Certificate>,
    /// What the block burnt here.
    pub(crate) fuel: u64,
}

/// Why a settlement broke off. What was written down is taken up again by the next one.
pub(crate) enum BrokeOff {
    Local(LocalError),
    Sign(SignError),
}

impl Height {
    fn terms<'a>(&'a self, network: &'a Network) -> Terms<'a> {
        let committee = network.committee(self.slot.epoch).expect("a chain is loaded under a known committee");
        Terms { slot: self.slot, previous: self.previous, ownership: &self.ownership, committee }
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// Brings a height to a final block, or finds out why that cannot be done now.
    pub(crate) async fn settle(self: &Arc<Self>, task: Task) -> Result<Ending, BrokeOff> {
        let Task { height, me, own, request, parent, fuel } = task;
        let to_execute = TimeDelta::from_millis(fuel / SLOWEST_FUEL_PER_MS);
        let deadline = self.local.clock().now().after(self.options.patience).after(to_execute);
        let (block, blobs) = (own.executed.block, own.blobs.clone());
        let silent = self.members.silent();
        let session = Settlement::new(&self.setting(&height), me, Some(own), &silent, deadline).with_parent(parent);
        let running = Running {
            core: self,
            height: &height,
            me,
            own: block,
            request,
            blobs,
            session,
            events: VecDeque::from([Event::Begin]),
            calls: FuturesUnordered::new(),
            asked: None,
            wake: deadline,
            deadline,
        };
        running.run().await
    }

    /// Asks a member, again where it takes longer than a call may: it may be executing a long contract, and answers once that
    /// is done. Whoever is not there at all is found out by the connection.
    async fn call_until(&self, validator: u8, request: Outgoing, deadline: Timestamp) -> Result<Response, CallError> {
        loop {
            match self.members.call(validator, request.clone()).await {
                Err(CallError::Timeout) if self.local.clock().now() < deadline => (),
                answer => return answer,
            }
        }
    }

    fn setting<'a>(&'a self, height: &'a Height) -> Setting<'a> {
        let network = self.local.network();
        let terms = height.terms(network);
        Setting { now: self.local.clock().now(), network: network.id(), terms, verifier: &**self.local.verifier() }
    }
}

/// A settlement under way.
struct Running<'a, S: Store, P: Peer, K: Signer> {
    core: &'a Arc<Core<S, P, K>>,
    height: &'a Height,
    me: Owner,
    own: BlockHash,
    request: Option<RequestId>,
    blobs: Vec<Blob>,
    session: Settlement,
    events: VecDeque<Event>,
    calls: FuturesUnordered<Boxed<'static, Event>>,
    /// The request of the last exchange, for those that are asked again.
    asked: Option<Outgoing>,
    wake: Timestamp,
    deadline: Timestamp,
}

impl<S: Store, P: Peer, K: Signer> Running<'_, S, P, K> {
    async fn run(mut self) -> Result<Ending, BrokeOff> {
        let mut effects = Vec::new();
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.next_event().await,
            };
            self.session.step(&self.core.setting(self.height), event, &mut effects);
            for effect in effects.drain(..) {
                if let Effect::End(ending) = effect {
                    self.hear_late_answers();
                    return Ok(ending);
                }
                self.perform(effect).await?;
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        if self.calls.is_empty() {
            let wait = self.wake.since(self.core.local.clock().now());
            clock::sleep(wait.as_duration()).await;
            return Event::Tick;
        }
        self.core.local.clock().until(self.wake, self.calls.next()).await.flatten().unwrap_or(Event::Tick)
    }

    async fn perform(&mut self, effect: Effect) -> Result<(), BrokeOff> {
        match effect {
            Effect::Sign(statement) => self.sign(statement).await?,
            Effect::Write(proposal) => self.write(proposal).await?,
            Effect::Ask { exchange, ahead, request } => {
                let request = Outgoing::from(request);
                self.asked = Some(request.clone());
                self.ask(exchange, ahead.map(Outgoing::from), &request);
            }
            Effect::Repair { exchange, validator, refusal } => self.repair(exchange, validator, refusal),
            Effect::Examine(body) => self.examine(*body).await?,
            Effect::Wake(at) => self.wake = at,
            Effect::End(_) => (),
        }
        Ok(())
    }

    async fn sign(&mut self, statement: Statement) -> Result<(), BrokeOff> {
        let network = self.core.local.network().id();
        let signature = self.core.signer.sign(self.me, statement, network).await.map_err(BrokeOff::Sign)?;
        self.events.push_back(Event::Signed(signature));
        Ok(())
    }

    /// The proposal and what it carries out are durable together, before anybody sees either.
    async fn write(&mut self, proposal: Arc<Proposal>) -> Result<(), BrokeOff> {
        let is_own = proposal.block == self.own;
        let request = self.request.filter(|_| is_own);
        let blobs = if is_own { self.blobs.clone() } else { Vec::new() };
        let row = PendingRow { request, proposal: Arc::unwrap_or_clone(proposal), blobs };
        let written = self.core.local.act(self.height.slot.chain, move |work| {
            work.write_pending(&row);
            if let Some(id) = request {
                let (height, block) = (row.proposal.body.proposed.height, row.proposal.block);
                work.write_request(id, RequestRow { height, block })?;
            }
            Ok(())
        });
        written.settled().await.map_err(BrokeOff::Local)?;
        self.events.push_back(Event::Written);
        Ok(())
    }

    fn ask(&mut self, exchange: u32, ahead: Option<Outgoing>, request: &Outgoing) {
        for validator in self.core.members.places() {
            let (core, ahead, request) = (self.core.clone(), ahead.clone(), request.clone());
            let deadline = self.deadline;
            self.calls.push(Box::pin(async move {
                let call = core.call_until(validator, request, deadline);
                let answer = match ahead {
                    None => call.await,
                    // Both are on their way, in this order, before either is answered.
                    Some(ahead) => future::join(core.members.call(validator, ahead), call).await.1,
                };
                match answer {
                    Ok(response) => Event::Answer { exchange, validator, response },
                    Err(_) => Event::Silence { exchange, validator },
                }
            }));
        }
    }

    fn repair(&mut self, exchange: u32, validator: u8, refusal: Box<Refusal>) {
        let (core, Some(request)) = (self.core.clone(), self.asked.clone()) else { return };
        self.calls.push(Box::pin(async move {
            match core.repair(validator, request.request().clone(), refusal).await {
                Some(response) => Event::Answer { exchange, validator, response },
                None => Event::Silence { exchange, validator },
            }
        }));
    }

    async fn examine(&mut self, body: Body) -> Result<(), BrokeOff> {
        let body = Arc::new(body);
        for _ in 0..FACTS_MAX {
            let shown = body.clone();
            let examined = self.core.local.look(self.height.slot.chain, move |work| work.examine(&shown, &[]));
            match { examined }.early().await.map_err(BrokeOff::Local)? {
                Ok(candidate) => {
                    self.events.push_back(Event::Examined(Box::new(candidate.block.clone())));
                    return Ok(());
                }
                Err(Refusal::Missing(missing))
                    if self.core.learn_missing(&missing).await.map_err(BrokeOff::Local)? => {}
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Late answers still say that their senders are there.
    fn hear_late_answers(self) {
        let mut calls = self.calls;
        if !calls.is_empty() {
            clock::spawn(async move { while calls.next().await.is_some() {} });
        }
    }
}

/// The answer to a certificate that says that its block is committed there.
pub(crate) fn is_committed(answer: &Response) -> bool {
    matches!(answer, Response::Committed { .. })
}
