//! Carries out a [`Repair`]: looks for what a validator lacks, here first and then at the other validators.

use crate::{core::Core, signer::Signer};
use futures_util::future;
use myceline_node::layout::BIRTHS;
use myceline_rpc::{Outgoing, Peer};
use myceline_sessions::{
    Repair,
    repair::{Effect, Event, Found, Want, subject},
};
use myceline_storage::Store;
use myceline_types::{
    Blob, Block, BlockHash, BlockHeight, CertifiedBlock, ChainDescription, ChainId, Fact, Refusal,
    api::{Request, Response},
};

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// Gives a validator what it lacks and asks it again. `None` where that does not work.
    pub(crate) async fn repair(&self, validator: u8, request: Request, refusal: Box<Refusal>) -> Option<Response> {
        let (chain, _) = subject(&request)?;
        let mut session = Repair::new(request);
        let mut effect = session.step(Event::Refused(refusal));
        loop {
            effect = match effect {
                Effect::Done(response) => return Some(response),
                Effect::GiveUp(refusal) => {
                    tracing::debug!(validator, %refusal, "cannot be repaired");
                    return None;
                }
                Effect::Find(want) => {
                    let found = self.find(chain, want).await;
                    session.step(found.map_or(Event::NotFound, Event::Found))
                }
                Effect::Send(requests) => session.step(self.send_all(validator, requests).await),
            };
        }
    }

    /// Sends requests one behind the other without waiting in between.
    async fn send_all(&self, validator: u8, requests: Vec<Request>) -> Event {
        let calls = requests.into_iter().map(|request| self.members.call(validator, Outgoing::from(request)));
        match future::try_join_all(calls).await {
            Ok(answers) => Event::Answers(answers),
            Err(_) => Event::Silence,
        }
    }

    async fn find(&self, chain: ChainId, want: Want) -> Option<Found> {
        match want {
            Want::Blocks { chain, from, up_to } => self.find_blocks(chain, from, up_to).await.map(Found::Blocks),
            Want::Description(chain) => {
                self.find_description(chain).await.map(|found| Found::Description(Box::new(found)))
            }
            Want::Blobs(blobs) => self.find_blobs(&blobs).await.map(Found::Blobs),
            Want::Sources(facts) => self.find_sources(&facts).await.map(Found::Sources),
            Want::Block(block) => {
                let (block, blobs) = self.find_block(chain, block).await?;
                Some(Found::Block(Box::new(block), blobs))
            }
        }
    }

    async fn find_block(&self, chain: ChainId, block: BlockHash) -> Option<(Block, Vec<Blob>)> {
        self.local.act(chain, move |work| work.block(block)).early().await.ok().flatten()
    }

    /// Certified blocks in order, as far as somebody has them.
    async fn find_blocks(
        &self,
        chain: ChainId,
        from: BlockHeight,
        up_to: BlockHeight,
    ) -> Option<Vec<(CertifiedBlock, Vec<Blob>)>> {
        let here = self.local.act(chain, move |work| {
            let mut blocks = Vec::new();
            for height in (from.0..=up_to.0).map(BlockHeight) {
                let Some(certified) = work.certified(height)? else { break };
                let blobs = work.blobs_of(&certified.block)?;
                blocks.push((certified, blobs));
            }
            Ok(blocks)
        });
        match { here }.early().await {
            Ok(blocks) if !blocks.is_empty() => Some(blocks),
            _ => self.fetch_blocks(chain, from, up_to).await,
        }
    }

    async fn fetch_blocks(
        &self,
        chain: ChainId,
        from: BlockHeight,
        up_to: BlockHeight,
    ) -> Option<Vec<(CertifiedBlock, Vec<Blob>)>> {
        let limit = u32::try_from(up_to.0 - from.0).unwrap_or(u32::MAX).saturating_add(1);
        let blocks = self.members.ask_any(Request::Blocks { chain, from, limit }, |answer| match answer {
            Response::Blocks(blocks) if !blocks.is_empty() => Some(blocks),
            _ => None,
        });
        let mut found = Vec::new();
        for certified in blocks.await? {
            let blobs = self.find_blobs(&certified.block.outcome.blobs).await?;
            found.push((certified, blobs));
        }
        Some(found)
    }

    async fn find_sources(&self, facts: &[Fact]) -> Option<Vec<(ChainId, BlockHeight)>> {
        let mut places = Vec::new();
        for fact in facts {
            let CertifiedBlock { certificate, .. } = self.find_source(fact).await?;
            places.push((certificate.slot.chain, certificate.slot.height));
        }
        Some(places)
    }

    /// What a chain started with, here or elsewhere. It proves nothing but what it hashes to.
    pub(crate) async fn find_description(&self, chain: ChainId) -> Option<ChainDescription> {
        if let Ok(Some(description)) = BIRTHS.get(&self.local.view(), &chain) {
            return Some(description);
        }
        self.members
            .ask_any(Request::Description(chain), |answer| match answer {
                Response::Description(Some(description)) if description.id() == chain => Some(*description),
                _ => None,
            })
            .await
    }
}
