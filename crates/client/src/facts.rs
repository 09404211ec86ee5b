//! Facts that blocks of other chains made known and that this store lacks: blobs, so also descriptions and code of applications,
//! and events. They are fetched from whoever has them, with the certified block that proves them.

use crate::{
    core::{Client, Core},
    local::LocalError,
    signer::Signer,
};
use myceline_node::{keep_facts, layout::EVENTS, layout::event_key, rows::EventRow, source};
use myceline_rpc::Peer;
use myceline_state::Overlay;
use myceline_storage::Store;
use myceline_types::{
    Blob, BlobId, BlockHeight, CertifiedBlock, ChainId, Fact, Missing, Opaque, StreamId,
    api::{Request, Response},
};
use serde::{Deserialize, Serialize};

/// Facts that are fetched for one block or query. What needs more is not worth waiting for.
pub(crate) const FACTS_MAX: usize = 256;

/// An event that a chain has emitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamEvent {
    /// Its place in the stream.
    pub index: u32,
    /// The block that emitted it.
    pub height: BlockHeight,
    /// What it says.
    pub value: Opaque,
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// An event, from this store or with proof from elsewhere; `None` where no validator that answers knows it.
    pub async fn event(
        &self,
        chain: ChainId,
        stream: &StreamId,
        index: u32,
    ) -> Result<Option<StreamEvent>, LocalError> {
        let here = self.core.event_here(chain, stream, index)?;
        if here.is_some() || !self.core.learn_fact(&Fact::Event(chain, stream.clone(), index)).await? {
            return Ok(here);
        }
        self.core.event_here(chain, stream, index)
    }

    /// At most `limit` events of a stream in order, from an index on, each from this store or with proof from elsewhere. It ends
    /// before the first that no validator knows.
    pub async fn events(
        &self,
        chain: ChainId,
        stream: &StreamId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<StreamEvent>, LocalError> {
        let mut events = Vec::new();
        for index in from..from.saturating_add(limit) {
            let Some(event) = self.event(chain, stream, index).await? else { break };
            events.push(event);
        }
        Ok(events)
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// An event that is in this store.
    fn event_here(&self, chain: ChainId, stream: &StreamId, index: u32) -> Result<Option<StreamEvent>, LocalError> {
        let row = EVENTS.get(&self.local.view(), &event_key(chain, stream, index));
        let row = row.map_err(|absent| LocalError::Unreadable(format!("{absent:?}")))?;
        Ok(row.map(|EventRow { height, value }| StreamEvent { index, height, value }))
    }

    /// Fetches a fact and keeps it. `false` where nobody shows it.
    pub(crate) async fn learn_fact(&self, fact: &Fact) -> Result<bool, LocalError> {
        let Some(certified) = self.find_source(fact).await else { return Ok(false) };
        let blobs = match fact {
            Fact::Blob(blob) => self.find_blobs(&[*blob]).await,
            Fact::Event(..) => Some(Vec::new()),
        };
        match blobs {
            Some(blobs) => self.keep(&certified, &blobs).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Fetches what a block was refused for. `false` where something is not a fact, or nobody shows it.
    pub(crate) async fn learn_missing(&self, missing: &Missing) -> Result<bool, LocalError> {
        let blobs = missing.blobs.iter().map(|blob| Fact::Blob(*blob));
        let event = |(chain, stream, index): &(ChainId, StreamId, u32)| Fact::Event(*chain, stream.clone(), *index);
        let mut learnt = false;
        for fact in blobs.chain(missing.events.iter().map(event)) {
            learnt = self.learn_fact(&fact).await?;
            if !learnt {
                break;
            }
        }
        Ok(learnt)
    }

    /// Keeps what a block that was proved to be final makes known.
    pub(crate) async fn keep(&self, certified: &CertifiedBlock, blobs: &[Blob]) -> Result<(), LocalError> {
        let mut rows = Overlay::new(self.local.view(), []);
        keep_facts(&mut rows, &certified.block, blobs);
        self.local.write(rows.into_changes()).await
    }

    /// A block, proved to be final, that made a fact known.
    pub(crate) async fn find_source(&self, fact: &Fact) -> Option<CertifiedBlock> {
        if let Ok(Some(place)) = source(&self.local.view(), fact)
            && let Some(certified) = self.find_proof(fact, place).await
        {
            return Some(certified);
        }
        for member in self.members.ranked() {
            if let Ok(Response::Where(Some(place))) =
                self.members.call(member, Request::Where(fact.clone()).into()).await
                && let Some(certified) = self.find_proof(fact, place).await
            {
                return Some(certified);
            }
        }
        None
    }

    async fn find_proof(&self, fact: &Fact, (chain, height): (ChainId, BlockHeight)) -> Option<CertifiedBlock> {
        self.find_certified(chain, height).await.filter(|certified| fact.is_in(&certified.block))
    }

    /// Blobs, from whoever has them.
    pub(crate) async fn find_blobs(&self, ids: &[BlobId]) -> Option<Vec<Blob>> {
        let mut blobs = Vec::new();
        for id in ids {
            let blob = self.members.ask_any(Request::Blob(*id), |answer| match answer {
                Response::Blob(Some(blob)) if blob.id() == *id => Some(blob),
                _ => None,
            });
            blobs.push(blob.await?);
        }
        Some(blobs)
    }
}
