//! Which chains an owner has: validators give hints, and a chain counts when its own state says so.

use crate::{
    core::{Client, Core},
    error::DiscoverError,
    signer::Signer,
};
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{
    ChainId, Owner,
    api::{PAGE_MAX, Request, Response},
};
use std::collections::BTreeSet;

/// Pages read from one validator: a million chains.
const PAGES_MAX: usize = 1_000;

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// The chains that `owner` may propose on now. Each is brought up to date; chains that nobody can show are left out.
    pub async fn chains_of(&self, owner: Owner) -> Result<Vec<ChainId>, DiscoverError> {
        let mut chains = Vec::new();
        for chain in self.core.hints_of(owner).await? {
            let is_shown = self.sync(chain).await.is_ok();
            if is_shown && self.ownership(chain).await.is_ok_and(|ownership| ownership.is_owner(&owner)) {
                chains.push(chain);
            }
        }
        Ok(chains)
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// What enough validators say that an honest one is among them.
    async fn hints_of(&self, owner: Owner) -> Result<BTreeSet<ChainId>, DiscoverError> {
        let hints = self.members.ask_enough(self.committee(), |member| self.hints_from(member, owner)).await;
        Ok(hints.ok_or(DiscoverError::Unreachable(owner))?.into_iter().flatten().collect())
    }

    async fn hints_from(&self, member: u8, owner: Owner) -> Option<Vec<ChainId>> {
        let mut chains: Vec<ChainId> = Vec::new();
        for _ in 0..PAGES_MAX {
            let after = chains.last().copied();
            let request = Request::ChainsOf { owner, after, limit: PAGE_MAX };
            match self.members.call(member, request.into()).await {
                Ok(Response::Chains(page)) if page.is_empty() => return Some(chains),
                Ok(Response::Chains(page)) => chains.extend(page),
                Ok(_) | Err(_) => return None,
            }
        }
        Some(chains)
    }
}
