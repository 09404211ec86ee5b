//! Reading what is final, or waits, from whoever can show it. What validators say is verified where it can be.

use crate::{
    core::{Client, Core},
    error::SyncError,
    signer::Signer,
};
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{
    Blob, BlobId, BlockHeight, CertifiedBlock, ChainId, Cursor,
    api::{Request, Response},
};
use std::collections::BTreeSet;

/// Entries of a listing asked for at once.
const LISTING: u32 = 1_000;

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// A final block of any chain, from this client's store or from a validator; `None` where nobody shows it.
    pub async fn certified(&self, chain: ChainId, height: BlockHeight) -> Option<CertifiedBlock> {
        self.core.find_certified(chain, height).await
    }

    /// A blob by its name; `None` where no validator has it.
    pub async fn blob(&self, id: BlobId) -> Option<Blob> {
        let is_it = |answer| match answer {
            Response::Blob(blob) => blob.filter(|blob| blob.id() == id),
            _ => None,
        };
        self.core.members.ask_any(Request::Blob(id), is_it).await
    }

    /// The bundles that wait for a chain, in the order of their origins: a hint, which is verified when they are received.
    pub async fn waiting(&self, chain: ChainId) -> Result<BTreeSet<(ChainId, Cursor)>, SyncError> {
        Ok(self.core.list(chain).await?.into_iter().collect())
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// The bundles that wait for a chain, as so many validators say that an honest one is among them.
    pub(crate) async fn list(&self, chain: ChainId) -> Result<Vec<(ChainId, Cursor)>, SyncError> {
        let listings = self.members.ask_enough(self.committee(), |member| self.listing(member, chain)).await;
        Ok(listings.ok_or(SyncError::Unreachable)?.into_iter().flatten().collect())
    }

    /// The bundles that wait for a chain, as one validator says.
    async fn listing(&self, member: u8, chain: ChainId) -> Option<Vec<(ChainId, Cursor)>> {
        let request = Request::Inbox { chain, after: None, limit: LISTING };
        match self.members.call(member, request.into()).await {
            Ok(Response::Inbox(entries)) => {
                Some(entries.into_iter().map(|(origin, cursor, _)| (origin, cursor)).collect())
            }
            Ok(_) | Err(_) => None,
        }
    }
}
