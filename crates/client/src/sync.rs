//! Bringing a chain up to date: where it stands by what enough validators sign, then its blocks from whoever has them.

use crate::{
    clock,
    core::{Client, Core},
    desk::{Desk, Papers},
    error::SyncError,
    facts::FACTS_MAX,
    local::LocalError,
    order,
    signer::Signer,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use myceline_node::layout::BIRTHS;
use myceline_rpc::{Outgoing, Peer};
use myceline_sessions::{
    Freshness, Sync,
    freshness::Electorate,
    sync::{Effect, Event},
};
use myceline_state::Overlay;
use myceline_storage::Store;
use myceline_types::{
    Blob, BlockHeight, Certificate, CertifiedBlock, ChainId, Committee, Epoch, Origin, Refusal,
    api::{CertificateRequest, Request, Response},
    encoding,
};
use std::sync::Arc;

/// Where a chain stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Synced {
    /// The next height.
    pub next: BlockHeight,
    /// Whether enough validators say that there is no later block. Otherwise the chain is "at least" here.
    pub is_current: bool,
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Brings a chain up to date, and finishes what was begun on it before, if the key is at hand.
    pub async fn sync(&self, chain: ChainId) -> Result<Synced, SyncError> {
        let task = Box::pin(self.core.clone().sync_and_finish(chain));
        clock::to_the_end(task).await.unwrap_or(Err(LocalError::Busy.into()))
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    async fn sync_and_finish(self: Arc<Self>, chain: ChainId) -> Result<Synced, SyncError> {
        let desk = self.desks.of(chain);
        let mut papers = desk.sit().await;
        let mut synced = self.sync_at(&mut papers, chain).await;
        if synced.is_ok() && self.finish_unfinished(&desk, &mut papers, chain).await? {
            synced = self.sync_at(&mut papers, chain).await;
        }
        self.leave(desk, papers);
        synced
    }

    /// Finishes what was begun before, if the key is at hand. What cannot be finished now is taken up again by the next
    /// block of the chain.
    async fn finish_unfinished(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        chain: ChainId,
    ) -> Result<bool, LocalError> {
        let unfinished = self.local.look(chain, |work| order::unfinished(None, work)).early().await?;
        match unfinished.filter(|job| self.signer.holds(&job.me)) {
            Some(job) => Ok(self.settle_job(desk, papers, chain, job, &mut None).await.is_ok()),
            None => Ok(false),
        }
    }

    /// Brings a chain up to date, for whoever sits at its desk.
    pub(crate) async fn sync_at(self: &Arc<Self>, papers: &mut Papers, chain: ChainId) -> Result<Synced, SyncError> {
        let mut next = match self.next_height(chain).await {
            Err(LocalError::UnknownChain(_)) => {
                self.learn(chain).await?;
                self.next_height(chain).await?
            }
            next => next?,
        };
        let committee = self.committee();
        let mut freshness = self.ask_where(chain, committee).await?;
        while let Some((target, claimants)) = freshness.highest_above(next) {
            next = self.pull(chain, next, target, &claimants).await?;
            if next < target {
                claimants.into_iter().for_each(|claimant| freshness.discredit(claimant));
            }
        }
        papers.is_synced = true;
        if freshness.is_anyone_below(next) {
            papers.undelivered = self.last_certificate(chain).await?;
            papers.is_anyone_behind = true;
        }
        Ok(Synced { next, is_current: freshness.is_current(committee, next) })
    }

    async fn next_height(&self, chain: ChainId) -> Result<BlockHeight, LocalError> {
        self.local.act(chain, |work| Ok(work.tip().next)).early().await
    }

    /// Makes the last block that is here final.
    pub(crate) async fn last_certificate(&self, chain: ChainId) -> Result<Option<Certificate>, LocalError> {
        let last = self.local.act(chain, |work| match work.tip().next.previous() {
            Some(height) => work.certified(height),
            None => Ok(None),
        });
        Ok({ last }.early().await?.map(|certified| certified.certificate))
    }

    pub(crate) fn committee(&self) -> &Committee {
        self.local.network().committee(Epoch::ZERO).expect("genesis has a committee")
    }

    /// Asks all members where a chain stands, until enough have said so.
    async fn ask_where(&self, chain: ChainId, committee: &Committee) -> Result<Freshness, SyncError> {
        let nonce = getrandom::u64().map_err(|why| LocalError::Unreadable(why.to_string()))?;
        let request = Outgoing::from(Request::Info { chain, nonce });
        let ask = |member| {
            let request = request.clone();
            async move { (member, self.members.call(member, request).await) }
        };
        let mut calls = self.members.places().map(ask).collect::<FuturesUnordered<_>>();
        let (mut freshness, mut has_answer) = (Freshness::new(chain, nonce), false);
        while let Some((member, answer)) = calls.next().await {
            has_answer |= answer.is_ok();
            if let Ok(Response::Info(info)) = answer {
                let (network, verifier) = (self.local.network().id(), &**self.local.verifier());
                freshness.hear(Electorate { network, committee, verifier }, member, &info);
            }
            if freshness.is_current(committee, BlockHeight(u64::MAX)) {
                break;
            }
        }
        if has_answer { Ok(freshness) } else { Err(SyncError::Unreachable) }
    }

    /// Pulls blocks up to a height, first from those who claim to have it. Gives the height that was reached.
    async fn pull(
        &self,
        chain: ChainId,
        from: BlockHeight,
        target: BlockHeight,
        claimants: &[u8],
    ) -> Result<BlockHeight, SyncError> {
        let (first, rest): (Vec<u8>, Vec<u8>) =
            self.members.ranked().into_iter().partition(|member| claimants.contains(member));
        let mut session = Sync::new(chain, from, target, first.into_iter().chain(rest));
        let mut effect = session.step(Event::Begin);
        loop {
            effect = match effect {
                Effect::Done(next) => return Ok(next),
                Effect::Ask(member, request) => match self.members.call(member, request.into()).await {
                    Ok(answer) => session.step(Event::Answer(Box::new(answer))),
                    Err(_) => session.step(Event::Silence),
                },
                Effect::Store(certified, blobs) => {
                    let is_stored = self.store_block(chain, *certified, blobs).await?;
                    session.step(if is_stored { Event::Stored } else { Event::Bad })
                }
            };
        }
    }

    /// Verifies, executes and stores a block. `false` where it proves nothing.
    async fn store_block(
        &self,
        chain: ChainId,
        certified: CertifiedBlock,
        blobs: Vec<Blob>,
    ) -> Result<bool, LocalError> {
        let CertifiedBlock { block, certificate } = certified;
        let height = certificate.slot.height;
        let request = Arc::new(CertificateRequest { certificate, block: Some(block), blobs });
        for _ in 0..FACTS_MAX {
            let shown = request.clone();
            let stored = self.local.act(chain, move |work| {
                // A client signs nothing: whatever does not commit the block is no proof that it is final.
                work.certificate(&shown)?;
                Ok((work.tip().next > height, work.refusal().cloned()))
            });
            match stored.durable().await? {
                (false, Some(Refusal::Missing(missing))) if self.learn_missing(&missing).await? => (),
                (is_stored, _) => return Ok(is_stored),
            }
        }
        Ok(false)
    }

    /// Learns of a chain from the certified block of its parent that opened it.
    async fn learn(&self, chain: ChainId) -> Result<(), SyncError> {
        let unknown = || SyncError::NoSuchChain(chain);
        let description = self.find_description(chain).await.ok_or_else(unknown)?;
        let Origin::Child { parent, height, .. } = description.origin else { return Err(unknown()) };
        let opens = |certified: &CertifiedBlock| {
            let id = encoding::to_bytes(&chain);
            certified.block.outcome.results.iter().any(|result| result.bytes.0 == id)
        };
        self.find_certified(parent, height).await.filter(opens).ok_or_else(unknown)?;
        let mut rows = Overlay::new(self.local.view(), []);
        BIRTHS.insert(&mut rows, &chain, &description);
        Ok(self.local.write(rows.into_changes()).await?)
    }

    /// A block of any chain with proof that it is final, from whoever has it.
    pub(crate) async fn find_certified(&self, chain: ChainId, height: BlockHeight) -> Option<CertifiedBlock> {
        let here = self.local.act(chain, move |work| work.certified(height)).early().await;
        if let Ok(Some(certified)) = here {
            return Some(certified);
        }
        let is_it = |certified: &CertifiedBlock| {
            let proposed = &certified.block.proposed;
            proposed.chain == chain
                && proposed.height == height
                && self.trusting(|trust| trust.check(certified)).is_ok()
        };
        self.members
            .ask_any(Request::Blocks { chain, from: height, limit: 1 }, |answer| match answer {
                Response::Blocks(blocks) => blocks.into_iter().next().filter(is_it),
                _ => None,
            })
            .await
    }
}
