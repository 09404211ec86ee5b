//! Event streams that applications of a chain follow: new events are fetched, and the applications look at them in blocks.
//!
//! Where an application stands in a stream is part of its chain's state, so nothing is missed whoever was away, and nothing is
//! looked at twice.

use crate::{
    clock,
    core::{Client, Core},
    desk::{Desk, Papers},
    error::SubmitError,
    local::LocalError,
    order::Order,
    proof::Claim,
    signer::Signer,
    submit::FinalBlock,
};
use myceline_node::{Emitted, Subscription, emitted_entry, layout::EVENTS, layout::event_key};
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{ChainId, Fact, Operation, StreamId, Transaction, encoding, guest::StreamUpdate};
use std::{collections::BTreeSet, sync::Arc};

/// Streams that one chain's applications follow, as far as a client attends to them.
const STREAMS_MAX: usize = 1_024;
/// Blocks of one stream that are read before an application looks at their events.
const BLOCKS_READ_MAX: usize = 64;
/// Events that an application looks at in one operation.
const EVENTS_MAX: u32 = 1_000;
/// Blocks made of streams before the caller is told.
const BLOCKS_MADE_MAX: usize = 64;

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Lets the applications of a chain look at the new events of the streams that they follow, as far as the chain's
    /// [policy](crate::MessagePolicy) says so, in as many blocks as it takes up to a bound. Gives those blocks.
    pub async fn update_streams(&self, chain: ChainId) -> Result<Vec<FinalBlock>, SubmitError> {
        let task = Box::pin(self.core.clone().update_streams(chain));
        clock::to_the_end(task).await.unwrap_or(Err(SubmitError::Ended))
    }

    /// How many events a stream has, by a proof from one validator: whoever follows it from there on misses nothing later.
    /// `None` where no validator proves it.
    pub async fn events_so_far(&self, chain: ChainId, stream: &StreamId) -> Option<u32> {
        let proof = self.prove_state(chain, &emitted_entry(stream)).await?;
        let Claim::State { value, .. } = proof.claim else { return None };
        match value {
            Some(value) => encoding::from_bytes::<Emitted>(&value.0).ok().map(|emitted| emitted.count),
            None => Some(0),
        }
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// The chains whose streams applications of a chain follow.
    pub(crate) async fn publishers(&self, chain: ChainId) -> Result<BTreeSet<ChainId>, LocalError> {
        Ok(self.subscriptions(chain).await?.into_iter().map(|subscription| subscription.chain).collect())
    }

    async fn subscriptions(&self, chain: ChainId) -> Result<Vec<Subscription>, LocalError> {
        let mut subscriptions = self.local.look(chain, |work| Ok(work.subscriptions(STREAMS_MAX)?)).early().await?;
        let policy = self.policy(chain);
        subscriptions.retain(|subscription| policy.follows(&subscription.application));
        Ok(subscriptions)
    }

    async fn update_streams(self: Arc<Self>, chain: ChainId) -> Result<Vec<FinalBlock>, SubmitError> {
        let desk = self.desks.of(chain);
        let mut papers = desk.sit().await;
        let updated = self.update_streams_at(&desk, &mut papers, chain).await;
        self.leave(desk, papers);
        updated
    }

    async fn update_streams_at(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        chain: ChainId,
    ) -> Result<Vec<FinalBlock>, SubmitError> {
        let (mut blocks, mut most) = (Vec::new(), EVENTS_MAX);
        while blocks.len() < BLOCKS_MADE_MAX {
            let mut order = Order::on(chain);
            for subscription in self.subscriptions(chain).await? {
                order.incoming.extend(self.update(subscription, most).await?);
            }
            if order.incoming.is_empty() {
                break;
            }
            match self.make(desk, papers, &mut order).await {
                Ok(block) => blocks.push(block),
                // So many may be too much for a block.
                Err(SubmitError::Nothing) if most > 1 => most = 1,
                // Another device did it, or the applications do not want to look at the events.
                Err(SubmitError::Nothing) => break,
                Err(why) => return Err(why),
            }
        }
        Ok(blocks)
    }

    /// What lets an application look at the next events of a stream, at most so many, after fetching them; `None` where there are
    /// none.
    async fn update(&self, subscription: Subscription, most: u32) -> Result<Option<Transaction>, LocalError> {
        let Subscription { application, chain, stream, next: first } = subscription;
        let mut next = self.known_up_to(chain, &stream, first)?;
        for _ in 0..BLOCKS_READ_MAX {
            let enough = next - first >= most;
            if enough || !self.learn_fact(&Fact::Event(chain, stream.clone(), next)).await? {
                break;
            }
            next = self.known_up_to(chain, &stream, next)?;
        }
        next = next.min(first.saturating_add(most));
        let update = StreamUpdate { chain, stream, first, next };
        Ok((next > first).then_some(Transaction::Execute(Operation::UpdateStream { application, update })))
    }

    /// One more than the last event that is here, of those from an index on that are here without a gap.
    fn known_up_to(&self, chain: ChainId, stream: &StreamId, from: u32) -> Result<u32, LocalError> {
        let view = self.local.view();
        let unreadable = |absent| LocalError::Unreadable(format!("{absent:?}"));
        for index in from..from.saturating_add(EVENTS_MAX) {
            if EVENTS.get(&view, &event_key(chain, stream, index)).map_err(unreadable)?.is_none() {
                return Ok(index);
            }
        }
        Ok(from.saturating_add(EVENTS_MAX))
    }
}
